"""How often somebody may try: counted in Redis, which may be away (then nobody is held up).

A try is counted when it begins, so that many at once count too, and taken back when it succeeds. The device cookie
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies) keeps strangers from locking
a person out: on a device where the person has signed in before, the tries of others do not count.
"""

import hashlib
import ipaddress
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import redis.asyncio
from redis.exceptions import RedisError

from chassis import redis_reads
from chassis.errors import NotFound, TooMany, Unauthenticated
from chassis.logging import get_logger

log = get_logger(__name__)

QUARTER, HOUR = 900, 3600
_PAUSE_SECONDS = 1.0

# KEYS: counters. ARGV: for each the limit and its seconds. Returns how long to wait; 0: counted.
_TAKE = """
local wait = 0
for i, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
        wait = math.max(wait, redis.call('TTL', key), 1)
    end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
end
return 0
"""
_GIVE_BACK = """
for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` tries in `seconds`, for whoever `name` and `parts` say."""

    name: str
    count: int
    seconds: int
    parts: tuple[str, ...]

    @property
    def key(self) -> str:
        """Says nothing of who it is."""
        digest = hashlib.sha256("\x00".join(self.parts).encode()).hexdigest()[:32]
        return f"auth:tries:{self.name}:{digest}"


def network(ip: str) -> str:
    """An address as it is counted: one line has a whole /64 of IPv6, and would otherwise never be counted twice."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:
        return ip
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(address), 64), strict=False))


def login_limits(email: str, ip: str, device: str | None) -> list[Limit]:
    """A known device has tries of its own. From elsewhere, one person at one address has few, and the account and
    the address have many, so that a school behind one address gets in on its first morning."""
    who = email.strip().lower()
    if device is not None:
        return [Limit("login-device", 20, QUARTER, (who, device))]
    return [
        Limit("login", 20, QUARTER, (who, network(ip))),
        Limit("login-account", 100, HOUR, (who,)),
        Limit("login-address", 500, QUARTER, (network(ip),)),
    ]


def acceptance_limits(email: str, ip: str) -> list[Limit]:
    """Whoever holds an invitation may try passwords of its address: as few as at the login."""
    where = network(ip)
    return [Limit("accept", 20, QUARTER, (email.lower(), where)), Limit("accept-address", 500, QUARTER, (where,))]


def token_limits(kind: str, token: str, ip: str) -> list[Limit]:
    """Of one token, which a broken client may send for ever, and of one address that tries tokens."""
    return [Limit(kind, 100, 60, (token,)), Limit(f"{kind}-address", 500, QUARTER, (network(ip),))]


def reset_limits(email: str, ip: str) -> list[Limit]:
    """Wishes for letters. None for the address alone from everywhere: then one could keep its owner from resetting;
    that a mailbox is not flooded is seen to where the letter is written."""
    where = network(ip)
    return [Limit("reset", 5, HOUR, (email.lower(), where)), Limit("reset-address", 200, HOUR, (where,))]


def letter_limits(school_id: UUID, email: str) -> list[Limit]:
    """Invitations of one school: anybody may register one, and have us write to whom they like."""
    school = str(school_id)
    return [Limit("letter", 5, HOUR, (school, email.lower())), Limit("letter-school", 5000, HOUR, (school,))]


def own_password_limits(account_id: str, session_id: str) -> list[Limit]:
    """Whoever holds a session may guess the password behind it: few tries for one session, and not many for all."""
    return [
        Limit("own-password", 10, QUARTER, (account_id, session_id)),
        Limit("own-password-account", 50, HOUR, (account_id,)),
    ]


def export_limits(account_id: str) -> list[Limit]:
    """Every service works for an export."""
    return [Limit("export", 10, HOUR, (account_id,))]


class Throttle:
    """The counters; they are gone with Redis, and nothing else is."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._take = client.register_script(_TAKE)
        self._give_back = client.register_script(_GIVE_BACK)
        self._away_until = 0.0

    @asynccontextmanager
    async def attempt(self, limits: Sequence[Limit]) -> AsyncIterator[None]:
        """Count a try around the block, unless it succeeds: Unauthenticated and NotFound are failures, other errors
        are nobody's guess. Raises TooMany."""
        await self.count(limits)
        try:
            yield
        except (Unauthenticated, NotFound):
            raise
        except BaseException:
            await self.give_back(limits)
            raise
        await self._run(self._give_back, limits, [])

    async def give_back(self, limits: Sequence[Limit]) -> None:
        """Take a try back that was none."""
        await self._run(self._give_back, limits, [])

    async def count(self, limits: Sequence[Limit]) -> None:
        """Count one; raises TooMany when it is one too many."""
        wait = await self._run(self._take, limits, [part for limit in limits for part in (limit.count, limit.seconds)])
        if wait:
            raise TooMany(wait, "too_many_tries", f"There were too many tries. Try again in {wait} seconds.")

    async def _run(self, script: "redis.commands.core.AsyncScript", limits: Sequence[Limit], args: list[int]) -> int:
        if time.monotonic() < self._away_until:
            return 0
        try:
            return int(await script([limit.key for limit in limits], args) or 0)
        except (RedisError, OSError) as error:
            log.warning("throttle_away", error=str(error))
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            return 0


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Throttle]:
    """On the given Redis; nothing connects before the first try."""
    client = redis.asyncio.Redis.from_url(
        url, socket_timeout=redis_reads.PATIENCE_SECONDS, socket_connect_timeout=redis_reads.PATIENCE_SECONDS
    )
    try:
        yield Throttle(client)
    finally:
        await client.aclose()
