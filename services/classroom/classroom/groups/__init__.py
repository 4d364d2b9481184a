"""Who works together on an assignment of kind `group`: by hand, at random, by signing up; and whose work is whose."""
