"""The files service's worker: applies events."""

from chassis import worker
from files.config import Config
from files.consumers import HANDLERS

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "files", HANDLERS)
