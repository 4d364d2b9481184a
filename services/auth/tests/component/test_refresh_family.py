"""Whatever is presented in whatever order, a family of refresh tokens keeps its rules."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth import passwords, throttle
from auth.config import Config
from auth.domain import derived_key
from auth.resources import Auth, Caller
from auth.sealing import Sealer
from auth.sessions import commands
from auth.sessions.models import NewSchool
from auth.testing import PASSWORD, Sql
from auth.tickets import Tickets
from auth.tokens import KeyRing
from chassis.db import Database
from chassis.errors import Unauthenticated

CALLER = Caller("192.0.2.1", "test")

# Present one of the tokens seen so far, let the grace pass, or sign out.
steps = st.lists(
    st.one_of(st.tuples(st.just("present"), st.integers(0, 20)), st.just(("age", 0)), st.just(("logout", 0))),
    max_size=12,
)


@dataclass
class Family:
    """What must be so."""

    tokens: list[str]
    successors: dict[str, str] = field(default_factory=dict)
    aged: set[str] = field(default_factory=set)
    alive: bool = True

    def expected(self, token: str) -> str:
        if not self.alive:
            return "refresh_invalid"
        return "refresh_reused" if token in self.aged else "granted"


@pytest.fixture
async def auth(database: Database, environment: dict[str, str]) -> AsyncIterator[Auth]:
    config = Config.load(environment)
    async with (
        passwords.opened(config) as hasher,
        throttle.connect(config.redis_url.get_secret_value()) as limits,
    ):
        yield Auth(
            config=config,
            keys=KeyRing(database, config),
            passwords=hasher,
            refresh_key=derived_key("secret", "refresh tokens"),
            factors=Sealer("secret", "second factors"),
            tickets=Tickets("secret"),
            mail_sealer=Sealer("secret", "mails"),
            throttle=limits,
        )


async def present(database: Database, auth: Auth, family: Family, token: str) -> None:
    expected = family.expected(token)
    if expected != "granted":
        with pytest.raises(Unauthenticated) as refused:
            await commands.refresh(database, auth, token, CALLER)
        assert refused.value.code == expected
        family.alive = False
        return
    following = (await commands.refresh(database, auth, token, CALLER)).refresh_token
    assert family.successors.setdefault(token, following) == following
    if following not in family.tokens:
        family.tokens.append(following)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps)
async def test_a_family_keeps_its_rules(database: Database, auth: Auth, sql: Sql, steps: list[tuple[str, int]]) -> None:
    new = NewSchool(school_name="E", name="A", email=f"{uuid4().hex}@elm.example", password=PASSWORD)
    first = await commands.register_school(database, auth, new, CALLER)
    family, session = Family([first.refresh_token]), str(first.identity.session_id)
    for step, place in steps:
        if step == "present":
            await present(database, auth, family, family.tokens[place % len(family.tokens)])
        elif step == "age":
            sql("UPDATE refresh_tokens SET used_at = used_at - interval '11 s' WHERE session_id = %s", session)
            family.aged |= set(family.successors)
        else:
            await commands.logout(database, family.tokens[-1], CALLER)
            family.alive = False
        unused = sql("SELECT count(*) FROM refresh_tokens WHERE session_id = %s AND used_at IS NULL", session)
        assert unused == [(1,)]
