"""How often join codes may be guessed: a minute at a time, by one account, from one address, and in a whole school.

A try is counted when it begins, so that many at once count too, and given back when it finds a classroom.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from chassis.db import Executor, utc_now
from chassis.errors import TooMany
from chassis.identity import Identity
from chassis.keys import DB

# Many pupils share a school's address.
PER_ACCOUNT, PER_ADDRESS, PER_SCHOOL = 10, 100, 300


@asynccontextmanager
async def guess(request: web.Request, identity: Identity) -> AsyncIterator[None]:
    """One try around the block, counted unless it ends well. Raises TooMany.

    It must not run inside a transaction, which a failure would take back with the count.
    """
    limits = {
        f"account:{identity.account_id}": PER_ACCOUNT,
        f"address:{_address(request)}": PER_ADDRESS,
        f"school:{identity.school_id}": PER_SCHOOL,
    }
    db = request.app[DB]
    await count_tries(db, limits, "too_many_guesses", "Too many codes were tried; wait a minute.")
    yield
    await db.execute("give_guess_back", buckets=list(limits))


async def count_tries(db: Executor, limits: Mapping[str, int], code: str, detail: str) -> None:
    """Count a try in each bucket; raises TooMany above as many a minute as its limit says."""
    counted = await db.rows("take_guess", buckets=list(limits))
    if any(row["count"] > limits[row["bucket"]] for row in counted):
        raise TooMany(61 - utc_now().second, code, detail)


def _address(request: web.Request) -> str:
    """As the gateway saw it, which writes the last entry."""
    return request.headers.get("X-Forwarded-For", request.remote or "").rpartition(",")[2].strip()
