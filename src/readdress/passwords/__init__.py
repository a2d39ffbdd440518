"""Password managers' exports."""
