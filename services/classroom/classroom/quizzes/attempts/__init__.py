"""Running through a quiz."""
