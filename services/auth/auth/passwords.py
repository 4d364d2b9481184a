"""argon2id off the event loop, with a bound on how many run and how many wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from auth.config import Config
from auth.domain import normalized_password
from chassis.errors import Unavailable

T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords in a few threads of their own."""

    def __init__(self, hasher: PasswordHasher, pool: ThreadPoolExecutor, queue: int) -> None:
        self._hasher = hasher
        self._pool = pool
        self._queue = queue
        self._waiting = 0
        self._nobody = hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The argon2id hash, with parameters and salt."""
        return await self._run(lambda: self._hasher.hash(normalized_password(password)))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password. Without a hash it never is, but takes as long to find out."""
        found = await self._run(lambda: self._verify(password, password_hash or self._nobody))
        return found and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are set now."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, normalized_password(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._queue:
            raise Unavailable("Too many people sign in at this moment; try again shortly.", code="busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Passwords]:
    """The hasher with the parameters of the settings."""
    hasher = PasswordHasher(
        time_cost=config.argon2_time_cost,
        memory_cost=config.argon2_memory_kib,
        parallelism=config.argon2_parallelism,
        type=Type.ID,
    )
    with ThreadPoolExecutor(config.password_threads, "argon2") as pool:
        yield Passwords(hasher, pool, config.password_queue)
