"""Students' work on classwork, homework and group assignments: written, turned in, reclaimed, returned."""
