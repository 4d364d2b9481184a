"""The service's other process: `python -m classroom.worker`."""

from chassis import rosters, worker
from classroom.config import Config
from classroom.consumers import HANDLERS
from classroom.rosters.importer import IMPORTER

JOBS = [rosters.job(IMPORTER)]

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "classroom", HANDLERS, JOBS)
