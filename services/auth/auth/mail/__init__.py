"""Letters: written with the command, sent by the worker."""
