"""Signing keys in the database: made once, encrypted, rotated with overlap."""

import asyncio
import os
import sys
import time
from uuid import uuid4

import jwt
import pytest
from aiohttp import web

from auth.config import Config
from auth.rotation import rotate_when_due
from auth.testing import Client, Person, Sql
from auth.tokens import KeyRing, Vault, WrongSecret, rotate
from chassis.db import Database
from chassis.identity import Identity, Role
from chassis.keys import CONFIG, DB


@pytest.fixture
def config(environment: dict[str, str]) -> Config:
    return Config.load(environment)


@pytest.fixture
def vault(config: Config) -> Vault:
    return Vault(config.signing_key_secret.get_secret_value())


def identity() -> Identity:
    return Identity(uuid4(), uuid4(), uuid4(), Role.ADMIN, int(time.time()) + 600)


async def signer(ring: KeyRing) -> str:
    return str(jwt.get_unverified_header(await ring.access_token(identity()))["kid"])


async def published(ring: KeyRing) -> set[str]:
    return {key["kid"] for key in (await ring.jwks())["keys"]}


async def test_replicas_that_start_together_make_one_key(database: Database, config: Config, sql: Sql) -> None:
    rings = [KeyRing(database, config) for _ in range(8)]
    found = await asyncio.gather(*(published(ring) for ring in rings))
    assert len(found[0]) == 1
    assert all(kids == found[0] for kids in found)
    assert sql("SELECT count(*) FROM signing_keys") == [(1,)]


async def test_the_private_part_is_encrypted(database: Database, config: Config, sql: Sql) -> None:
    ring = KeyRing(database, config)
    await ring.jwks()
    [(sealed, kid, jwk)] = sql("SELECT private_key, kid, public_jwk FROM signing_keys")
    assert "d" not in jwk
    assert b"PRIVATE" not in bytes(sealed)
    with pytest.raises(WrongSecret):
        Vault("x" * 32).open(bytes(sealed), kid)


async def test_a_new_key_is_published_before_it_signs(
    database: Database, config: Config, vault: Vault, sql: Sql
) -> None:
    old = await signer(KeyRing(database, config))
    new = await rotate(database, vault)
    assert await rotate(database, vault) == new
    assert await published(KeyRing(database, config)) == {old, new}
    assert await signer(KeyRing(database, config)) == old
    sql("UPDATE signing_keys SET activates_at = now() WHERE kid = %s", new)
    assert await published(KeyRing(database, config)) == {old, new}
    assert await signer(KeyRing(database, config)) == new
    sql("UPDATE signing_keys SET created_at = now() - interval '1 day', retires_at = now() WHERE kid = %s", old)
    assert await published(KeyRing(database, config)) == {new}


async def test_a_compromised_key_is_withdrawn_at_once(database: Database, config: Config, vault: Vault) -> None:
    old = await signer(KeyRing(database, config))
    new = await rotate(database, vault, compromised=True)
    assert await published(KeyRing(database, config)) == {new}
    assert old != new
    assert await signer(KeyRing(database, config)) == new


async def test_keys_rotate_by_schedule(database: Database, config: Config, sql: Sql) -> None:
    worker = web.Application()
    worker[CONFIG], worker[DB] = config, database
    await rotate_when_due(worker)
    old = await signer(KeyRing(database, config))
    await rotate_when_due(worker)
    assert await published(KeyRing(database, config)) == {old}
    sql("UPDATE signing_keys SET activates_at = activates_at - interval '30 days'")
    await asyncio.gather(*(rotate_when_due(worker) for _ in range(3)))
    await rotate_when_due(worker)
    assert len(await published(KeyRing(database, config))) == 2
    assert await signer(KeyRing(database, config)) == old


async def test_keys_rotate_by_command(client: Client, admin: Person, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "auth.keys"]
    env = os.environ | environment
    process = await asyncio.create_subprocess_exec(*command, "rotate", env=env, stdout=asyncio.subprocess.PIPE)
    kid = (await process.communicate())[0].decode().strip()
    listing = await asyncio.create_subprocess_exec(*command, "list", env=env, stdout=asyncio.subprocess.PIPE)
    assert kid in (await listing.communicate())[0].decode()
    await admin.call("GET", "/me")
