"""Imports of people from OneRoster packages."""
