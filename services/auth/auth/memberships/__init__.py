"""The schools of a person, and going from one to another."""
