"""Families of refresh tokens keep their rules, whatever is presented in whatever order, at once or later."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from auth import passwords, throttle
from auth.config import Config
from auth.domain import derived_key, new_refresh_token
from auth.resources import Auth, Caller
from auth.sealing import Sealer
from auth.sessions import commands
from auth.sessions.models import Login, NewSchool
from auth.testing import PASSWORD
from auth.tickets import Tickets
from auth.tokens import KeyRing
from chassis.db import Database, connect
from chassis.errors import Unauthenticated
from chassis.identity import Identity

CALLER = Caller("192.0.2.1", "test")
AGE = "UPDATE refresh_tokens SET used_at = used_at - %s * interval '1 s' WHERE session_id = %s"
UNUSED = "SELECT count(*) FROM refresh_tokens WHERE session_id = %s AND used_at IS NULL"
# Examples of a control, which ends with the first that finds its fault: about one of twenty does.
UNTIL_FOUND = 500
ALIVE = "SELECT revoked_at IS NULL FROM sessions WHERE id = %s"


@dataclass
class Family:
    """What must be so of one sign-in."""

    identity: Identity
    tokens: list[str]
    successors: dict[str, str] = field(default_factory=dict)
    aged: set[str] = field(default_factory=set)
    alive: bool = True

    def expected(self, token: str) -> str:
        """What presenting the token answers."""
        if not self.alive:
            return "refresh_invalid"
        return "refresh_reused" if token in self.aged else "granted"


class Families(RuleBasedStateMachine):
    """Two sign-ins of one person; `environment` is set by the test."""

    environment: ClassVar[dict[str, str]]
    aged_seconds: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.families: list[Family] = []
        self.connection = psycopg2.connect(self.environment["DATABASE_URL"])
        self.connection.autocommit = True
        self.db, self.auth = self.runner.run(self.resources())

    async def resources(self) -> tuple[Database, Auth]:
        config = Config.load(self.environment)
        db = await self.opened.enter_async_context(connect(self.environment["DATABASE_URL"], "auth", maxsize=4))
        hasher = await self.opened.enter_async_context(passwords.opened(config))
        limits = await self.opened.enter_async_context(throttle.connect(config.redis_url.get_secret_value()))
        return db, Auth(
            config=config,
            keys=KeyRing(db, config),
            passwords=hasher,
            refresh_key=derived_key("secret", "refresh tokens"),
            factors=Sealer("secret", "second factors"),
            tickets=Tickets("secret"),
            mail_sealer=Sealer("secret", "mails"),
            throttle=limits,
        )

    def teardown(self) -> None:
        self.runner.run(self.opened.aclose())
        self.runner.close()
        self.connection.close()

    def sql(self, statement: str, *values: Any) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, [str(value) if isinstance(value, UUID) else value for value in values])
            return cursor.fetchall() if cursor.description else None

    @initialize()
    def sign_in_twice(self) -> None:
        email = f"{uuid4().hex}@elm.example"
        new = NewSchool(school_name="E", name="A", email=email, password=PASSWORD)
        first = self.runner.run(commands.register_school(self.db, self.auth, new, CALLER))
        second = self.runner.run(commands.login(self.db, self.auth, Login(email=email, password=PASSWORD), CALLER))
        self.families = [Family(found.identity, [found.refresh_token]) for found in (first, second)]

    @rule(which=st.integers(0, 1), place=st.integers(0, 20), times=st.integers(1, 3))
    def present(self, which: int, place: int, times: int) -> None:
        """One token, once or several times at once."""
        family = self.families[which]
        self.judge(family, family.tokens[place % len(family.tokens)], times)

    @precondition(lambda self: any(family.alive and family.aged for family in self.families))
    @rule(times=st.integers(1, 3))
    def present_an_old_one(self, times: int) -> None:
        """What a thief has, or a client that slept."""
        family = next(family for family in self.families if family.alive and family.aged)
        self.judge(family, min(family.aged, key=family.tokens.index), times)

    def judge(self, family: Family, token: str, times: int) -> None:
        expected = family.expected(token)
        answers = self.runner.run(self.presented(token, times))
        granted = {answer for answer in answers if not answer.startswith("refresh_")}
        if expected == "granted":
            assert len(granted) == 1, "two at once got different successors"
            assert granted == set(answers)
            following = granted.pop()
            assert family.successors.setdefault(token, following) == following
            if following not in family.tokens:
                family.tokens.append(following)
        else:
            # Of several at once the first one finds the family alive.
            assert not granted
            assert answers.count("refresh_reused") == (expected == "refresh_reused")
            family.alive = False

    async def presented(self, token: str, times: int) -> list[str]:
        return await asyncio.gather(*(self.answer(token) for _ in range(times)))

    async def answer(self, token: str) -> str:
        try:
            return (await commands.refresh(self.db, self.auth, token, CALLER)).refresh_token
        except Unauthenticated as error:
            return error.code

    @rule(which=st.integers(0, 1))
    def let_the_grace_pass(self, which: int) -> None:
        family = self.families[which]
        self.sql(AGE, self.aged_seconds, family.identity.session_id)
        family.aged |= set(family.successors)

    @rule(which=st.integers(0, 1), place=st.integers(0, 20))
    def sign_out(self, which: int, place: int) -> None:
        """With any token of the family."""
        family = self.families[which]
        self.runner.run(commands.logout(self.db, family.tokens[place % len(family.tokens)], CALLER))
        family.alive = False

    @rule(which=st.integers(0, 1))
    def sign_out_everywhere(self, which: int) -> None:
        family = self.families[which]
        if family.alive:
            self.runner.run(commands.end_own_sessions(self.db, family.identity, CALLER))
            for each in self.families:
                each.alive = False

    @invariant()
    def one_token_is_unused_and_only_the_dead_are_ended(self) -> None:
        for family in self.families:
            session_id = family.identity.session_id
            assert self.sql(UNUSED, session_id) == [(1,)]
            assert self.sql(ALIVE, session_id) == [(family.alive,)]


def run(environment: dict[str, str], examples: int, *phases: Phase, aged_seconds: int = 61) -> None:
    machine = type("Families", (Families,), {"environment": environment, "aged_seconds": aged_seconds})
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=checks,
            phases=phases or tuple(Phase),
        ),
    )


def test_families_keep_their_rules(environment: dict[str, str]) -> None:
    """GUARANTEES 41."""
    run(environment, 20)


def test_a_reuse_that_goes_unpunished_is_found(environment: dict[str, str]) -> None:
    """Control of GUARANTEES 41: with a grace of a minute, what comes back after half of it is granted."""
    with pytest.raises(AssertionError):
        run(environment, UNTIL_FOUND, Phase.generate, aged_seconds=30)


def test_successors_that_differ_are_found(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of GUARANTEES 41: a successor that is drawn instead of derived."""
    monkeypatch.setattr(commands, "successor", lambda *_: new_refresh_token())
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(environment, UNTIL_FOUND, Phase.generate)
