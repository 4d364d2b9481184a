"""Who needs a teacher's attention."""
