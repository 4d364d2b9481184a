"""Keys rotate while people sign in: no replica signs what a service refuses, no service believes a key that is gone."""

import random
import time
from collections import deque
from uuid import uuid4

import pytest

from auth import tokens
from auth.config import Config
from auth.testing import Sql
from auth.tokens import KeyRing, Vault, rotate
from chassis.db import Database
from chassis.errors import Unauthenticated
from chassis.identity import Identity, KeySet, Revocations, Role, Verifier

MINUTE = """
UPDATE signing_keys SET
    created_at = created_at - interval '1 minute', activates_at = activates_at - interval '1 minute',
    retires_at = retires_at - interval '1 minute'
"""
LIFE_MINUTES, ROTATION_MINUTES = 10, 50


class Stack:
    """Two replicas of auth and two services; each reads the keys anew once a minute, at a moment of its own."""

    def __init__(self, database: Database, config: Config) -> None:
        self.database = database
        self.config = config
        self.rings = [KeyRing(database, config) for _ in range(2)]
        self.verifiers = [self.verifier() for _ in range(2)]
        self.living: deque[list[str]] = deque(maxlen=LIFE_MINUTES - 1)

    def verifier(self) -> Verifier:
        keys = KeySet(lambda: random.choice(self.rings).jwks())
        return Verifier(keys, self.config.token_issuer, self.config.token_audience, Revocations())

    async def token(self) -> str:
        expires_at = int(time.time()) + self.config.token_seconds
        identity = Identity(uuid4(), uuid4(), uuid4(), Role.STUDENT, expires_at)
        return await random.choice(self.rings).access_token(identity)

    async def work(self) -> None:
        """Somebody signs in, and everybody signed in is let in everywhere."""
        self.living[-1].append(await self.token())
        for minute in self.living:
            for verifier in self.verifiers:
                await verifier.identify(random.choice(minute))

    async def minute(self, sql: Sql) -> None:
        """A minute of work in which each process reads the keys once."""
        sql(MINUTE)
        self.living.append([await self.token()])
        readers = ["ring 0", "ring 1", "verifier 0", "verifier 1"]
        for reader in random.sample(readers, len(readers)):
            await self.work()
            kind, number = reader.split()
            if kind == "ring":
                self.rings[int(number)] = KeyRing(self.database, self.config)
            else:
                self.verifiers[int(number)] = self.verifier()
            await self.work()


async def rotated_under_load(database: Database, environment: dict[str, str], sql: Sql) -> None:
    config = Config.load(environment)
    stack = Stack(database, config)
    for _ in range(2):
        old = await stack.token()
        await rotate(database, Vault(config.signing_key_secret.get_secret_value()))
        for _ in range(ROTATION_MINUTES):
            await stack.minute(sql)
        for verifier in stack.verifiers:
            with pytest.raises(Unauthenticated):
                await verifier.identify(old)


async def test_a_rotation_under_load_refuses_nobody(database: Database, environment: dict[str, str], sql: Sql) -> None:
    """GUARANTEES 40."""
    await rotated_under_load(database, environment, sql)


@pytest.mark.parametrize("part", ["LEAD_SECONDS", "TRAIL_SECONDS"])
async def test_a_rotation_without_overlap_is_found(
    database: Database, environment: dict[str, str], sql: Sql, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Control of GUARANTEES 40: a key that signs as soon as it is made, or one that goes when its successor signs."""
    monkeypatch.setattr(tokens, part, 0)
    with pytest.raises(Unauthenticated):
        await rotated_under_load(database, environment, sql)
