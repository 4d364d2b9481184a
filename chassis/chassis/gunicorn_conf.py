"""gunicorn for every service: one uvloop worker a replica, logs by the application itself."""

import os
from typing import Any

from chassis import garbage

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ['PORT']}"
worker_class = "aiohttp.GunicornUVLoopWebWorker"
workers = 1
graceful_timeout = 20
timeout = 60
keepalive = 75
# The gateway writes the access log; the application writes JSON.
accesslog = None
errorlog = "-"
loglevel = "warning"
# It would stand in the home folder, one for all services of all stacks, and in a container that may not write nowhere.
control_socket_disable = True


def post_worker_init(_: Any) -> None:
    """In each worker, before its first request."""
    garbage.collect_less()
