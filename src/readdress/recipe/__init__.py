"""Recipes: their schema, where they are found, loading, lint, consent, scaffold."""
