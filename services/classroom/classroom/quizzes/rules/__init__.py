"""The rules of a quiz: when it is open, how long it takes, what shows when."""
