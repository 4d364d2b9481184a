"""Classrooms and their join codes."""
