"""When a process looks for garbage in cycles."""

import gc


def collect_less() -> None:
    """Once all is loaded: thousands of sockets are long-lived, and looking through them all was a tenth of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
