"""A teacher's own questions, and GIFT in and out."""
