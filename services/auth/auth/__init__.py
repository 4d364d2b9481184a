"""Homeroom's auth service."""
