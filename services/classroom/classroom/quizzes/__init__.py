"""Quizzes: their questions, how they are taken, watched and marked."""
