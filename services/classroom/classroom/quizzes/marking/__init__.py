"""Marks: automatic, by hand, corrected, analysed and told."""
