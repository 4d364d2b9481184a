"""Grades: drafts until they are released."""
