"""Homeroom's classroom service."""
