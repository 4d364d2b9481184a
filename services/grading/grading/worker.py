"""The grading service's worker: applies events, analyses the quizzes that changed."""

from chassis import worker
from grading.config import Config
from grading.consumers import HANDLERS
from grading.items.jobs import ANALYSE

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "grading", HANDLERS, [ANALYSE])
