"""What the soak looks at: queues, memory, errors; and how it tells them."""

import asyncio
from contextlib import closing

import aiohttp
import psycopg2

from bench.soak.course import Tally
from bench.table import percentile
from bench.usage import measure
from chassis.contracts import Contracts
from chassis.topology import dead_queue_of, queue_of
from dev import postgres, rabbitmq, services
from dev.stack import Stack

# Caches, pools and arenas fill in this share of the time; from then on memory must stay where it is.
WARM_UP = 0.3
GROWTH_MIB, GROWTH_SHARE = 16.0, 0.15


async def queues(stack: Stack) -> dict[str, int]:
    """What waits in the broker and in the outboxes."""
    names = [find(name) for name in Contracts.load().services() for find in (queue_of, dead_queue_of)]
    found: dict[str, int] = {}
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{rabbitmq.management_url(stack.plan())}/api/queues")
        for queue in await answer.json():
            if queue["name"] in names:
                found[queue["name"]] = queue.get("messages", 0)
    with closing(psycopg2.connect(postgres.admin_url(stack.plan()))) as connection, connection.cursor() as cursor:
        for name in services.NAMES:
            cursor.execute(f"SELECT count(*) FROM {services.package(name)}.outbox WHERE published_at IS NULL")
            found[f"outbox {name}"] = int((cursor.fetchone() or (0,))[0])
    return found


def memory(stack: Stack) -> dict[str, float]:
    """MiB of each program of ours, its children included."""
    ours = {"gateway", *(name for service in services.NAMES for name in services.program_names(service))}
    return {name: use.memory for name, use in measure(stack).items() if name in ours}


async def drained(stack: Stack) -> dict[str, int]:
    """What still waits, after half a minute at the most."""
    waiting: dict[str, int] = {}
    for _ in range(30):
        if not any((waiting := await queues(stack)).values()):
            break
        await asyncio.sleep(1)
    return waiting


def grown(samples: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """The programs whose memory grew after warming up: from, to, in MiB."""
    before, after = samples[int(len(samples) * WARM_UP)], samples[-1]
    limit = {name: size + max(GROWTH_MIB, size * GROWTH_SHARE) for name, size in before.items()}
    return {name: (before[name], after[name]) for name in before if after.get(name, 0) > limit[name]}


def report(tally: Tally, samples: list[dict[str, float]], waiting: dict[str, int]) -> list[str]:
    """The result as Markdown; returns what went wrong, one line each."""
    print("\n| work | times | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, seconds in sorted(tally.seconds.items()):
        middle, high = (1000 * percentile(seconds, share) for share in (0.5, 0.99))
        print(f"| {name} | {len(seconds)} | {middle:.1f} | {high:.1f} |")
    print(f"| chat messages sent, acked | {len(tally.sent)}, {len(tally.acked)} | | |")
    print(f"| chat deliveries | {tally.delivered} | | |")
    print("\n| program | MiB after warming up | MiB at the end |\n|---|---|---|")
    before = samples[int(len(samples) * WARM_UP)]
    for name, size in sorted(samples[-1].items()):
        print(f"| {name} | {before.get(name, 0):.0f} | {size:.0f} |")
    wrong = [f"{name}: {count} times" for name, count in tally.errors.items()]
    wrong += [f"{name} grew from {low:.0f} to {high:.0f} MiB" for name, (low, high) in grown(samples).items()]
    wrong += [f"{count} wait in {name}" for name, count in waiting.items() if count]
    wrong += [f"{len(lost)} messages were never acked"] if (lost := tally.sent - tally.acked) else []
    return wrong
