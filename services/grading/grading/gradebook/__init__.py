"""Students × assignments, and what they come to."""
