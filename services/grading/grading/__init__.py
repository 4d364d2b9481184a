"""Homeroom's grading service."""
