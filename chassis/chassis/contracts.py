"""The published language: the event types of `contracts/events`, who owns them and who consumes them."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chassis.events import Event, decode, encode

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


class ContractError(Exception):
    """Contracts and code disagree; the message names the type and the place."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One version of one event type. `name` is the routing key, such as `auth.account-created.v1`."""

    name: str
    description: str
    owner: str
    producers: frozenset[str]
    consumers: frozenset[str]
    broadcast: frozenset[str]
    schema: dict[str, Any]
    folder: Path

    def example_files(self) -> list[Path]:
        """The files of this version's examples."""
        paths = sorted(self.folder.glob("examples/*.json"))
        return [path for path in paths if json.loads(path.read_text("utf-8"))["type"] == self.name]

    def examples(self) -> list[tuple[str, Event]]:
        """The examples of this version, each with its file's name."""
        return [(path.stem, decode(path.read_bytes())) for path in self.example_files()]


@dataclass(frozen=True, slots=True)
class Contracts:
    """Every event type by name, and the schema of the envelope."""

    types: Mapping[str, EventType]
    envelope: dict[str, Any]

    @classmethod
    def load(cls, directory: Path | None = None) -> "Contracts":
        """Read the contracts folder; by default `CONTRACTS_DIR`, else the one of this repository."""
        root = directory or default_directory()
        types = {found.name: found for found in _types(root / "events")}
        if not types:
            raise ContractError(f"{root} holds no event types")
        return cls(types, json.loads((root / "envelope.schema.json").read_text("utf-8")))

    def services(self) -> list[str]:
        """Every service that produces or consumes events."""
        return sorted({name for found in self.types.values() for name in found.producers | found.consumers})

    def produced_by(self, service: str) -> frozenset[str]:
        """Names of the types a service publishes."""
        return frozenset(name for name, found in self.types.items() if service in found.producers)

    def consumed_by(self, service: str) -> frozenset[str]:
        """Names of the types that a service's queue is bound to."""
        return frozenset(name for name, found in self.types.items() if service in found.consumers)

    def check(self, event: Event) -> None:
        """Check an event as strictly as its producer must; raises ContractError with every finding."""
        found = self.types.get(event.type)
        if found is None:
            raise ContractError(f"{event.type}: no such event type")
        envelope = json.loads(encode(event))
        if envelope["source"].removeprefix("/homeroom/") not in found.producers:
            raise ContractError(f"{event.type}: {event.source} is no producer of it")
        findings = [*_findings(self.envelope, envelope), *_findings(found.schema, envelope["data"], "data")]
        if findings:
            raise ContractError(f"{event.type}: " + "; ".join(findings))


def default_directory() -> Path:
    """`CONTRACTS_DIR`, else the folder of the repository this package is installed from."""
    configured = os.environ.get("CONTRACTS_DIR")
    return Path(configured) if configured else Path(__file__).parents[2] / "contracts"


@cache
def default_contracts() -> Contracts:
    """The contracts of `default_directory()`, read once."""
    return Contracts.load()


def check_event(event: Event) -> None:
    """What a producer's test calls: the event is exactly as published; raises ContractError."""
    default_contracts().check(event)


def _types(folder: Path) -> Iterator[EventType]:
    for path in sorted(folder.glob("*/v*.schema.json")):
        schema = json.loads(path.read_text("utf-8"))
        name = f"{path.parent.name}.{path.name.removesuffix('.schema.json')}"
        if schema["title"] != name:
            raise ContractError(f"{path}: the title must be {name}")
        yield EventType(
            name=name,
            description=schema["description"],
            owner=schema["x-owner"],
            producers=frozenset(schema["x-producers"]),
            consumers=frozenset(schema["x-consumers"]),
            broadcast=frozenset(schema.get("x-broadcast", ())),
            schema=schema,
            folder=path.parent,
        )


def _findings(schema: dict[str, Any], value: Any, place: str = "event") -> list[str]:
    errors = _validator(json.dumps(schema)).iter_errors(value)
    return [f"{'.'.join([place, *map(str, error.absolute_path)])}: {error.message}" for error in errors]


@cache
def _validator(schema: str) -> "Draft202012Validator":
    # Only tests and generators validate, so a running service needs no jsonschema.
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("uuid", ValueError)(lambda value: value is None or bool(UUID(value)))
    formats.checks("date", ValueError)(lambda value: value is None or bool(date.fromisoformat(value)))
    formats.checks("date-time", ValueError)(lambda value: value is None or _is_moment(value))
    return Draft202012Validator(json.loads(schema), format_checker=formats)


def _is_moment(value: str) -> bool:
    return datetime.fromisoformat(value).tzinfo is not None
