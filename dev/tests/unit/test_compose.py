"""compose.yaml agrees with itself, with the native stack and with what dev/compose.py writes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev import compose, services, tls
from dev.layout import ROOT, State
from dev.ports import DEFAULTS
from dev.programs import Plan
from dev.secrets import NAMES

ONE_SHOT = "service_completed_successfully"
SECRETS = {name: f"secret-of-{name}" for name in NAMES}
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]


def _secret_names(service: dict[str, Any]) -> set[str]:
    return {item if isinstance(item, str) else item["source"] for item in service.get("secrets", [])}


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    tls.ensure(tmp_path)
    return tmp_path


def test_every_secret_is_declared_written_and_used(certificates: Path) -> None:
    used = set().union(*(_secret_names(service) for service in SERVICES.values()))
    assert used == set(DOCUMENT["secrets"]) == set(compose.secret_files(SECRETS, certificates))


def test_a_service_gets_only_the_files_its_settings_name() -> None:
    for name, service in SERVICES.items():
        settings = {
            value.removeprefix("/run/secrets/") for key, value in _environment(service) if key.endswith("_FILE")
        }
        assert settings <= _secret_names(service), name


def _environment(service: dict[str, Any]) -> list[tuple[str, str]]:
    return list(service.get("environment", {}).items())


@pytest.mark.parametrize("service", services.NAMES)
def test_a_service_is_told_the_same_as_natively(service: str, tmp_path: Path) -> None:
    native = services.environment(Plan(State.at(tmp_path), dict(DEFAULTS), SECRETS), service)
    told = {name.removesuffix("_FILE") for name, _ in _environment(SERVICES[service])}
    given_by_the_image = {"CONTRACTS_DIR", "PYTHONUNBUFFERED"}
    assert told | given_by_the_image == set(native)


@pytest.mark.parametrize("service", services.NAMES)
def test_a_service_has_web_worker_and_migrations(service: str) -> None:
    assert SERVICES[service].get("deploy", {}).get("replicas", 1) == len(services.web_names(service))
    for name in (service, f"{service}-worker"):
        assert SERVICES[name]["depends_on"][f"{service}-migrations"]["condition"] == ONE_SHOT


def test_dependencies_exist_and_are_waited_for_in_the_right_way() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            one_shot = SERVICES[other].get("restart") == "no"
            assert how["condition"] == (ONE_SHOT if one_shot else "service_healthy"), f"{name} needs {other}"
            assert one_shot or "healthcheck" in SERVICES[other]


def test_only_the_gateway_and_the_mail_have_a_port_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"mail", "gateway"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_images_are_pinned_and_nothing_runs_with_rights_it_does_not_need() -> None:
    for name, service in SERVICES.items():
        assert "build" in service or re.fullmatch(r"[a-z/]+:v?\d[\w.-]*", service["image"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


@pytest.mark.parametrize("dockerfile", sorted(ROOT.glob("services/*/Dockerfile")), ids=lambda path: path.parent.name)
def test_images_are_built_alike_without_root(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    assert "USER 10001" in text
    assert "--require-hashes" in text
    for source in re.findall(r"^COPY ([\w./-]+) /app", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
