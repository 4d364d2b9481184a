"""The grading service's worker: applies events, analyses the quizzes and judges the classrooms that changed."""

from chassis import worker
from grading.attention.jobs import JUDGE
from grading.config import Config
from grading.consumers import HANDLERS
from grading.items.jobs import ANALYSE

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "grading", HANDLERS, [ANALYSE, JUDGE])
