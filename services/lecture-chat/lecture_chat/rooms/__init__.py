"""Live rooms of one process: sockets, fan-out, presence."""
