"""Who teaches and who attends a classroom."""
