"""Homeroom's lecture-chat service."""
