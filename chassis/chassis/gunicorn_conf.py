"""gunicorn for every service: one uvloop worker a replica, logs by the application itself."""

import gc
import os
from typing import Any

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


def post_worker_init(worker: Any) -> None:
    """Collect less often: thousands of sockets are long-lived, and looking through them all was a tenth of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
