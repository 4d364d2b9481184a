"""How costs grow: with sockets, with the size of a room, with students in a classroom, with schools."""
