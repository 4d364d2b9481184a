"""Sending the bytes of a file."""
