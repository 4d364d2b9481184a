"""Comments on assignments: to everybody it is for, or between one student and the teachers."""
