"""Classrooms, enrolments, assignments and grades from a OneRoster package."""
