"""A school day in small, against the whole running stack: `python -m bench.soak`."""
