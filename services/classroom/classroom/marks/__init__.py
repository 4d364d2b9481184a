"""Marks from a spreadsheet: the gradebook as grading exports it, scores filled in."""
