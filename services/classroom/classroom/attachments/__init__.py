"""Files on assignments, submissions and questions: which, in what order, and who may read them there."""
