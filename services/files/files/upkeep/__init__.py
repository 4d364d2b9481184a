"""Removing bytes that nothing needs, and proving that nothing needs them."""
