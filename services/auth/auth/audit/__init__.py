"""Who did what to whom, from where."""
