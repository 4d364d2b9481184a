"""Asking people into a school by mail."""
