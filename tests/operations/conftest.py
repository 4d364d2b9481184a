"""The manifests of k8s/, as kubectl renders them."""

from typing import Any

import pytest
import yaml

from dev import ops
from dev.layout import ROOT

Manifest = dict[str, Any]
OVERLAYS = ("local", "production")


@pytest.fixture(scope="session")
def overlays() -> dict[str, list[Manifest]]:
    """Every overlay's resources by its name."""
    return {name: _parsed(ops.rendered(ROOT / "k8s" / "overlays" / name)) for name in OVERLAYS}


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest, overlays: dict[str, list[Manifest]]) -> list[Manifest]:
    """Each overlay in turn."""
    return overlays[request.param]


def _parsed(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]
