"""Lectures that were held: copies of what lecture-chat tells, with who attended."""
