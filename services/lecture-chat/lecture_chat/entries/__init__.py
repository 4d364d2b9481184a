"""What is said and done in a lecture: numbered, stored once, never lost."""
