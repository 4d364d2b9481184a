"""Contracts and code agree: every consumer takes every example, and the events' page tells of every type."""

import asyncio
from importlib import import_module, resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from chassis.contracts import ContractError, Contracts
from chassis.db import Executor
from chassis.events import Event
from chassis.inbox import Handler, complete_handlers

ROOT = Path(__file__).parents[2]
CONTRACTS = Contracts.load()
PACKAGES = {service: service.replace("-", "_") for service in CONTRACTS.services()}
CONSUMING = {service: package for service, package in PACKAGES.items() if CONTRACTS.consumed_by(service)}


class Recording:
    """Answers every query with nothing and remembers that it was asked, with parameters that Postgres could take."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    async def rows(self, query: str, /, **params: Any) -> list[Any]:
        self.queries.append(query)
        return []

    async def row(self, query: str, /, **params: Any) -> None:
        self.queries.append(query)

    async def value(self, query: str, /, **params: Any) -> None:
        self.queries.append(query)

    async def execute(self, query: str, /, **params: Any) -> int:
        self.queries.append(query)
        return 0


def handlers_of(service: str) -> dict[str, Handler]:
    return complete_handlers(CONTRACTS, service, import_module(f"{PACKAGES[service]}.consumers").HANDLERS)


@pytest.mark.parametrize("service", CONSUMING)
def test_a_service_handles_what_it_consumes_and_nothing_else(service: str) -> None:
    assert handlers_of(service).keys() == CONTRACTS.consumed_by(service)


@pytest.mark.parametrize(
    ("service", "name", "event"),
    [
        pytest.param(service, name, event, id=f"{service}-{name}-{example}")
        for service in CONSUMING
        for name in sorted(CONTRACTS.consumed_by(service))
        for example, event in CONTRACTS.types[name].examples()
    ],
)
def test_every_consumer_takes_every_example(service: str, name: str, event: Event) -> None:
    tx: Any = Recording()
    unknown = Event(**{field: getattr(event, field) for field in event.__slots__} | {"data": event.data | {"new": 1}})
    asyncio.run(_handle(handlers_of(service)[name], tx, [event, unknown]))
    assert tx.queries, f"{service} does nothing with {name}"


async def _handle(handler: Handler, tx: Executor, events: list[Event]) -> None:
    await handler(tx, events)


def test_a_missing_handler_is_noticed() -> None:
    with pytest.raises(ContractError):
        complete_handlers(CONTRACTS, "grading", {})


def test_every_service_of_the_contracts_exists() -> None:
    assert CONSUMING
    for package in PACKAGES.values():
        assert find_spec(package), package
        assert resources.files(package).is_dir()


def test_the_events_page_names_every_type_and_metric() -> None:
    page = (ROOT / "docs" / "events.md").read_text("utf-8")
    for name in CONTRACTS.types:
        assert f"`{name}`" in page
