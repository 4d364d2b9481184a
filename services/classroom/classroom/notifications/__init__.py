"""What somebody should know of: read from where it comes from, so that it is never more or less than what is there."""
