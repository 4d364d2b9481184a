"""Letters for those whom a teacher invites into a classroom."""
