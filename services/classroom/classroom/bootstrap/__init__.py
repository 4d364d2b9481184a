"""Everything a signed-in person's store needs, joined from cached fragments."""
