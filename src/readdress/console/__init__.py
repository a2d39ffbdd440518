"""The terminal: questions, progress, panels."""
