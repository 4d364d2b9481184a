"""The questions of a quiz: kinds, keys, rules."""
