"""`python -m dev.contracts [--check]`: the AsyncAPI document of our events, generated from `contracts/events`.

Without `--check` it writes `contracts/events.asyncapi.yaml`, unless the change would break a consumer: then it names
each breach and writes nothing (publish a v2 beside the v1 instead). With `--check` it fails when the document is stale.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from chassis.contracts import ContractError, Contracts, EventType
from chassis.topology import EXCHANGE

ROOT = Path(__file__).parents[1] / "contracts"
DOCUMENT = "events.asyncapi.yaml"
HEADER = "# Generated from contracts/events by `python -m dev.contracts`; do not edit.\n"


def document(contracts: Contracts) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all event types."""
    types = [contracts.types[name] for name in sorted(contracts.types)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Homeroom events",
            "version": "1",
            "description": "Domain events on the topic exchange `homeroom.events`; see docs/events.md.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {found.name: _channel(found) for found in types},
        "operations": {f"publish.{found.name}": _operation(found) for found in types},
        "components": {
            "schemas": {"envelope": _plain(contracts.envelope)},
            "messages": {found.name: _message(found) for found in types},
        },
    }


def _channel(found: EventType) -> dict[str, Any]:
    return {
        "address": found.name,
        "description": found.description,
        "messages": {"event": {"$ref": f"#/components/messages/{found.name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE, "type": "topic", "durable": True},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operation(found: EventType) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{found.name}"},
        "x-owner": found.owner,
        "x-producers": sorted(found.producers),
        "x-consumers": sorted(found.consumers),
    }


def _message(found: EventType) -> dict[str, Any]:
    data = {"type": "object", "properties": {"type": {"const": found.name}, "data": _plain(found.schema)}}
    return {
        "name": found.name,
        "summary": found.description,
        "payload": {"allOf": [{"$ref": "#/components/schemas/envelope"}, data]},
        "examples": [
            {"name": path.stem, "payload": json.loads(path.read_text("utf-8"))} for path in found.example_files()
        ],
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema as a consumer may rely on it: it must let unknown members pass."""
    hidden = {"$schema", "$id", "title", "additionalProperties"}
    kept = {name: value for name, value in schema.items() if name not in hidden and not name.startswith("x-")}
    if "properties" in kept:
        kept["properties"] = {name: _plain(value) for name, value in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _plain(kept["items"])
    return kept


def breaches(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a consumer of the old document would stumble over in the new one."""
    before, after = _payloads(old), _payloads(new)
    found = [f"{name}: the type was removed" for name in before if name not in after]
    for name in before.keys() & after.keys():
        found += _schema_breaches(name, before[name], after[name])
    found += _schema_breaches("envelope", *(doc["components"]["schemas"]["envelope"] for doc in (old, new)))
    return sorted(found)


def _payloads(doc: dict[str, Any]) -> dict[str, dict[str, Any]]:
    messages = doc["components"]["messages"]
    return {name: message["payload"]["allOf"][1]["properties"]["data"] for name, message in messages.items()}


def _schema_breaches(place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    yield from _value_breaches(place, old, new)
    old_properties, new_properties = old.get("properties", {}), new.get("properties", {})
    for name in old_properties:
        if name in new_properties:
            yield from _schema_breaches(f"{place}.{name}", old_properties[name], new_properties[name])
        else:
            yield f"{place}.{name}: the property was removed"
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted((new_required - old_required) & old_properties.keys()):
        yield f"{place}.{name}: the property is now required"
    for name in sorted((old_required - new_required) & new_properties.keys()):
        yield f"{place}.{name}: the property is no longer always there"
    if "items" in old and "items" in new:
        yield from _schema_breaches(f"{place}[]", old["items"], new["items"])


def _value_breaches(place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for keyword in ("type", "format", "pattern", "const"):
        if old.get(keyword) != new.get(keyword):
            yield f"{place}: {keyword} changed from {old.get(keyword)!r} to {new.get(keyword)!r}"
    if lost := [value for value in old.get("enum", ()) if value not in new.get("enum", ())]:
        yield f"{place}: the values {lost} were removed"


def render(doc: dict[str, Any]) -> str:
    """The document as YAML text."""

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return HEADER + yaml.dump(doc, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)


def run(root: Path, check: bool) -> list[str]:
    """Generate or check the document of a contracts folder; returns what is wrong."""
    contracts, path = Contracts.load(root), root / DOCUMENT
    wrong = example_findings(contracts)
    new = document(contracts)
    if path.exists():
        wrong += [f"breaking: {found}" for found in breaches(yaml.safe_load(path.read_text("utf-8")), new)]
    text = render(new)
    if check and (not path.exists() or path.read_text("utf-8") != text):
        wrong.append(f"{path.name} is stale: run `python -m dev.contracts`")
    if not wrong and not check:
        path.write_text(text, "utf-8")
    return wrong


def example_findings(contracts: Contracts) -> list[str]:
    """Types without an example, and examples their own contract refuses."""
    found = []
    for name, event_type in contracts.types.items():
        if not event_type.examples():
            found.append(f"{name}: has no example")
        for example, event in event_type.examples():
            try:
                contracts.check(event)
            except ContractError as error:
                found.append(f"example {example}: {error}")
    return found


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m dev.contracts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the document is stale")
    wrong = run(ROOT, parser.parse_args().check)
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
