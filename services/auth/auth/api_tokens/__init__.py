"""API tokens: how programs get access tokens without a person's password."""
