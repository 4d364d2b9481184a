"""Signing in and out: sessions, refresh tokens, the own account."""
