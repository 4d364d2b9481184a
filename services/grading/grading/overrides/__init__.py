"""Totals that a teacher sets by hand."""
