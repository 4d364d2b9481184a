"""The parts of a classroom that group its assignments."""
