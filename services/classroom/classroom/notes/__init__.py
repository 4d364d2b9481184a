"""Students' own texts on lectures."""
