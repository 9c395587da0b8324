"""Recipes that made the bundled models: each one command from the data to the shipped file."""
