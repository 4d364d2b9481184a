"""What a delivered chat message costs, beside peers in the same run: `python -m bench.chat`."""
