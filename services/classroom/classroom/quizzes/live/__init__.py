"""The two sockets of a quiz: answering and watching."""
