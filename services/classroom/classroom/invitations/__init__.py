"""E-mail invitations into a classroom."""
