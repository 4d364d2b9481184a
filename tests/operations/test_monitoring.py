"""Dashboards and alert rules speak of metrics that exist, and every alert has a run book."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from dev import backup, dashboards, services
from dev.layout import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
# What Prometheus itself and its Python client tell of every process.
GIVEN = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
METRIC = re.compile(r"\b(homeroom_\w+|process_\w+|up)\b(?=[{\[ )]|$)")
# Given by the scrape configuration.
SCRAPED = {"service", "process", "job", "le"}
LABELS = re.compile(r"\b(homeroom_\w+)\{([^}]*)\}")


@pytest.fixture(scope="module")
def existing() -> dict[str, set[str]]:
    """Every metric of the code with its labels, by the names under which Prometheus stores it."""
    for package in ("chassis", *(services.package(name) for name in services.NAMES)):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if "__main__" not in module.name and "testing" not in module.name and "gunicorn" not in module.name:
                importlib.import_module(module.name)
    found: dict[str, set[str]] = {backup.TAKEN: set(), backup.FAILED: set()}
    for collector, names in REGISTRY._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        found |= dict.fromkeys(names, labels)
    return found


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((MONITORING / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def expressions() -> Iterable[str]:
    yield from (rule["expr"] for rule in rules())
    for panels in dashboards.DASHBOARDS.values():
        for panel in panels:
            yield from panel.queries.values()


def test_every_metric_and_label_exists(existing: dict[str, set[str]]) -> None:
    for expression in expressions():
        named = set(METRIC.findall(expression))
        assert named, expression
        assert named <= existing.keys() | GIVEN, expression
        for metric, selector in LABELS.findall(expression):
            assert set(re.findall(r"(\w+)[=!]~?\"", selector)) <= existing[metric] | SCRAPED, expression


def test_a_metric_that_does_not_exist_is_found(existing: dict[str, set[str]]) -> None:
    """Control: a name nobody has."""
    assert METRIC.findall("rate(homeroom_nothing_total[5m])") == ["homeroom_nothing_total"]
    assert "homeroom_nothing_total" not in existing


def test_every_metric_is_named_by_convention(existing: dict[str, set[str]]) -> None:
    ours = {name for name in existing if name.startswith("homeroom_")}
    assert len(ours) > 20
    assert all(re.fullmatch(r"homeroom_[a-z]+(_[a-z]+)*", name) for name in ours)


def test_the_dashboards_are_what_the_code_says() -> None:
    for file, text in dashboards.documents().items():
        assert file.read_text("utf-8") == text, "run `python -m dev.dashboards`"
        assert json.loads(text)["panels"]


def test_every_alert_has_a_run_book() -> None:
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs/operations.md").read_text("utf-8"), re.MULTILINE)
    assert [rule["alert"] for rule in rules()] == headings
    for rule in rules():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
