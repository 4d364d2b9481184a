"""Signing in with OpenID Connect: the providers of a school, and the way there and back."""
