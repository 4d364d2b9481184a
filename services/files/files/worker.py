"""The files service's worker: applies events, inspects what was uploaded, removes what nothing needs."""

from chassis import worker
from files.config import Config
from files.consumers import HANDLERS
from files.inspection import work as inspection
from files.storage import Storage
from files.upkeep import work as upkeep


def main() -> None:
    """Run until SIGTERM."""
    settings = Config.load_or_exit()
    storage = Storage(settings)
    jobs = [*inspection.jobs(settings, storage), *upkeep.jobs(settings, storage)]
    worker.run(settings, "files", HANDLERS, jobs)


if __name__ == "__main__":
    main()
