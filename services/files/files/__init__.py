"""Homeroom's files service."""
