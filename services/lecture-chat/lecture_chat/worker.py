"""The lecture-chat service's worker: applies events."""

from chassis import worker
from lecture_chat.config import Config
from lecture_chat.consumers import HANDLERS

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "lecture_chat", HANDLERS)
