"""Pieces of work and material."""
