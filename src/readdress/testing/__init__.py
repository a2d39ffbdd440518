"""Fakes, replica server and the recipe contract for recipe authors."""
