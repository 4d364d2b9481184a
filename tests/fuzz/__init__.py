"""Coverage-guided fuzzing of every parser of what strangers write: `make fuzz`."""
