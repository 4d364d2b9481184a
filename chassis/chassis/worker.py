"""The other process of a service: outbox relay, event consumer and timed jobs, with health of its own.

Any number may run: the relay elects a leader, the broker makes one consumer active, and a job takes its
work under row locks.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvloop
from aiohttp import web
from prometheus_client import Counter

from chassis import health, logging, personal_data, trace, tracing
from chassis.app import database, event_bus, fragment_cache
from chassis.config import Config
from chassis.contracts import Contracts
from chassis.errors import Unavailable
from chassis.inbox import Consumer, Handler
from chassis.keys import BUS, CACHE, CONFIG, DB
from chassis.logging import get_logger
from chassis.outbox import Relay
from chassis.tasks import end

log = get_logger(__name__)

JOB_RUNS = Counter("homeroom_job_runs_total", "Runs of a timed job", ["job", "outcome"])
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """Work to do every `seconds`; a failure is logged and tried again at the next turn."""

    name: str
    seconds: float
    run: Callable[[web.Application], Awaitable[None]]


async def _purge_keys(app: web.Application) -> None:
    await app[DB].execute("purge_idempotency_keys")
    await app[DB].execute("purge_revoked_sessions")


async def _reapply_erasures(app: web.Application) -> None:
    await personal_data.reapply(app[DB], personal_data.REAPPLY_DAYS)


PURGE = Job("purge", 3600, _purge_keys)
REAPPLY = Job("reapply-erasures", 86_400, _reapply_erasures)


def build(config: Config, package: str, handlers: Mapping[str, Handler], jobs: Sequence[Job] = ()) -> web.Application:
    """The worker as an application: its resources, its tasks, and `/healthz`, `/readyz`, `/metrics`."""
    service = package.replace("_", "-")
    logging.configure(f"{service}-worker", config.log_level)
    app = web.Application()
    app[CONFIG] = config
    app.cleanup_ctx.append(tracing.exporting(config.otlp_endpoint, config.trace_sample, f"{service}-worker"))
    app.cleanup_ctx.extend([database(package), fragment_cache(service), event_bus(f"{service}-worker")])
    app.cleanup_ctx.append(_tasks(service, handlers, [PURGE, REAPPLY, *jobs]))
    app.add_routes(health.ROUTES)
    return app


def run(config: Config, package: str, handlers: Mapping[str, Handler], jobs: Sequence[Job] = ()) -> None:
    """Run until SIGTERM; then the batch in hand is finished and acknowledged."""
    app = build(config, package, handlers, jobs)
    loop = uvloop.new_event_loop()
    web.run_app(app, host=config.host, port=config.worker_port, loop=loop, print=None, access_log=None)


def _tasks(service: str, handlers: Mapping[str, Handler], jobs: Sequence[Job]) -> Any:
    async def acquire(app: web.Application) -> AsyncIterator[None]:
        config, stop = app[CONFIG], asyncio.Event()
        contracts = Contracts.load(config.contracts_dir)
        management_url = config.amqp_management_url.get_secret_value()
        relay = Relay(app[DB], app[BUS], contracts, service, management_url, app[CACHE].invalidate)
        endless = [_started("relay", relay.run())]
        endless += [_started(job.name, _repeat(app, job)) for job in jobs]
        finishing = []
        if contracts.consumed_by(service):
            consumer = Consumer(app[DB], app[BUS], contracts, service, handlers)
            finishing.append(_started("consumer", consumer.run(stop)))
        yield
        stop.set()
        if finishing:
            await asyncio.wait(finishing, timeout=_STOP_SECONDS)
        await end([*endless, *finishing])

    return acquire


def _started(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_end_process_on_failure)
    return task


def _end_process_on_failure(task: asyncio.Task[None]) -> None:
    """A worker without one of its tasks would look healthy and do nothing: end it, it is started again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("task_died", task=task.get_name(), exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _repeat(app: web.Application, job: Job) -> None:
    while True:
        trace.begin()
        try:
            await job.run(app)
            JOB_RUNS.labels(job.name, "done").inc()
        except Unavailable as error:
            JOB_RUNS.labels(job.name, "unavailable").inc()
            log.warning("job_waits", job=job.name, error=error.detail)
        except Exception:
            JOB_RUNS.labels(job.name, "failed").inc()
            log.exception("job_failed", job=job.name)
        await asyncio.sleep(job.seconds)
