"""The grading service's worker: applies events."""

from chassis import worker
from grading.config import Config
from grading.consumers import HANDLERS

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "grading", HANDLERS)
