"""The order in which nothing is lost (pure)."""
