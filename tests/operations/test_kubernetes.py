"""k8s/ agrees with the code: every service, port, probe, setting and secret, and what may talk to what."""

import importlib
import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import chassis.config
from chassis import health
from dev import kubernetes, services, tls
from dev.layout import State
from dev.ports import DEFAULTS
from dev.programs import Plan
from dev.secrets import NAMES
from gateway.nginx import render
from tests.operations.conftest import Manifest

SECRETS = {name: f"secret-of-{name}" for name in NAMES}
BY_THE_IMAGE = {"CONTRACTS_DIR", "PYTHONUNBUFFERED"}
OF_THE_POD = {"PACKAGE"}
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
KILL_SECONDS = 5  # to end cleanly, once requests and sockets have ended


def of_kind(manifests: Iterable[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {item["metadata"]["name"]: item for item in manifests if item["kind"] in kinds}


def pod(item: Manifest) -> Manifest:
    found: Manifest = item["spec"]["template"]["spec"]
    return found


def container(item: Manifest) -> Manifest:
    (found,) = pod(item)["containers"]
    return dict(found)


def settings(item: Manifest, manifests: list[Manifest]) -> dict[str, str]:
    maps = of_kind(manifests, "ConfigMap")
    found: dict[str, str] = {}
    for source in container(item).get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]["data"]
    return found | {entry["name"]: entry["value"] for entry in container(item).get("env", [])}


def config_of(service: str) -> type[chassis.config.Config]:
    found: type[chassis.config.Config] = importlib.import_module(f"{services.package(service)}.config").Config
    return found


def names(given: Iterable[str]) -> set[str]:
    return {name.removesuffix("_FILE") for name in given}


@pytest.mark.parametrize("service", services.NAMES)
def test_a_service_has_web_worker_and_migrations(service: str, overlay: list[Manifest]) -> None:
    deployments, jobs = of_kind(overlay, "Deployment"), of_kind(overlay, "Job")
    package = services.package(service)
    assert "$(PACKAGE).app:create_app" in container(deployments[f"{service}-web"])["args"]
    assert container(deployments[f"{service}-worker"])["args"] == ["python", "-m", "$(PACKAGE).worker"]
    assert container(jobs[f"{service}-migrations"])["args"] == ["/app/migrate.sh", "$(PACKAGE)"]
    for item in (deployments[f"{service}-web"], deployments[f"{service}-worker"], jobs[f"{service}-migrations"]):
        assert settings(item, overlay)["PACKAGE"] == package
        assert f"homeroom/{service}" in container(item)["image"]


@pytest.mark.parametrize("service", services.NAMES)
@pytest.mark.parametrize("process", ["web", "worker"])
def test_a_service_is_told_the_same_as_natively(
    service: str, process: str, overlay: list[Manifest], tmp_path: Path
) -> None:
    item = of_kind(overlay, "Deployment")[f"{service}-{process}"]
    told = names(settings(item, overlay)) - OF_THE_POD
    native = services.environment(Plan(State.at(tmp_path), dict(DEFAULTS), SECRETS), service)
    optional = {name.upper() for name, field in config_of(service).model_fields.items() if not field.is_required()}
    assert (told | BY_THE_IMAGE) - optional == set(native) - optional
    assert told <= {name.upper() for name in config_of(service).model_fields}


@pytest.mark.parametrize("service", services.NAMES)
def test_its_ports_and_probes_are_those_it_listens_on(service: str, overlay: list[Manifest]) -> None:
    paths = {route.path for route in health.ROUTES}
    deployments = of_kind(overlay, "Deployment")
    for process, setting in (("web", "PORT"), ("worker", "WORKER_PORT")):
        item = deployments[f"{service}-{process}"]
        port = int(settings(item, overlay)[setting])
        assert container(item)["ports"] == [{"name": "http", "containerPort": port}]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container(item)[probe]["httpGet"]["port"] == "http"
            assert container(item)[probe]["httpGet"]["path"] in paths
        assert item["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(port)
    (entry,) = of_kind(overlay, "Service")[f"{service}-web"]["spec"]["ports"]
    assert entry["port"] == int(settings(deployments[f"{service}-web"], overlay)["PORT"])


def test_a_pod_has_more_time_to_end_than_its_requests_and_sockets(
    overlay: list[Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8000")
    drain = runpy.run_path(str(services.GUNICORN_CONFIG))["graceful_timeout"]
    for name, item in of_kind(overlay, "Deployment").items():
        if name.endswith("-web"):
            wait = container(item)["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert pod(item)["terminationGracePeriodSeconds"] >= wait + drain + KILL_SECONDS


def test_every_secret_is_made_by_the_local_command_and_listed_for_production(
    overlays: dict[str, list[Manifest]], tmp_path: Path
) -> None:
    tls.ensure(tmp_path)
    made = {item["metadata"]["name"]: set(item["data"]) for item in kubernetes.manifests(SECRETS, tmp_path)}
    assert set(_secrets(overlays["local"])) == set(made)
    readme = (render.HERE.parents[1] / "k8s/README.md").read_text()
    for name in _secrets(overlays["production"]):
        assert f"`{name}`" in readme or name == "gateway-tls", name
    for service in services.NAMES:
        item = of_kind(overlays["local"], "Deployment")[f"{service}-web"]
        files = {Path(v).name for k, v in settings(item, overlays["local"]).items() if k.endswith("_FILE")}
        assert files == made[f"{service}-secrets"] | made["homeroom-connections"]


def _secrets(manifests: list[Manifest]) -> Iterator[str]:
    for item in of_kind(manifests, "Deployment", "StatefulSet", "Job").values():
        for volume in pod(item).get("volumes", []):
            if "secret" in volume:
                yield volume["secret"]["secretName"]
            for source in volume.get("projected", {}).get("sources", []):
                yield source["secret"]["name"]


def test_the_gateway_knows_its_settings_and_finds_every_service(overlay: list[Manifest]) -> None:
    given = settings(of_kind(overlay, "Deployment")["gateway"], overlay)
    assert set(given) <= set(render.defaults())
    assert given["RESOLVER"] == "auto"
    exists = of_kind(overlay, "Service")
    for service in services.NAMES:
        address = given[f"{services.package(service).upper()}_SERVERS"]
        name, namespace, rest = address.split(".", 2)
        assert namespace == "homeroom"
        assert rest == "svc.cluster.local:8000"
        assert exists[name]["spec"]["clusterIP"] == "None", "a name that leads to one address hides the replicas"


def test_settings_of_two_sides_agree(overlay: list[Manifest]) -> None:
    deployments = of_kind(overlay, "Deployment")
    gateway = settings(deployments["gateway"], overlay)
    for service in services.NAMES:
        told = settings(deployments[f"{service}-web"], overlay)
        for name in ("ALLOWED_ORIGINS", "TOKEN_ISSUER", "TOKEN_AUDIENCE"):
            assert told[name] == gateway[name]
        host = told["JWKS_URL"].split("/")[2].split(":")[0]
        assert host in of_kind(overlay, "Service")
    files = settings(deployments["files-web"], overlay)
    assert files["S3_BUCKET"] == gateway["S3_BUCKET"]
    assert files["S3_ENDPOINT"] == f"{gateway['S3_SCHEME']}://{gateway['S3_HOST']}"


def test_nothing_runs_with_rights_it_does_not_need(overlay: list[Manifest]) -> None:
    for name, item in of_kind(overlay, "Deployment", "StatefulSet", "Job").items():
        assert pod(item)["automountServiceAccountToken"] is False, name
        assert pod(item)["securityContext"]["runAsNonRoot"] is True, name
        assert pod(item)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        locked = container(item)["securityContext"]
        assert locked["allowPrivilegeEscalation"] is False, name
        assert locked["capabilities"] == {"drop": ["ALL"]}, name
        assert locked.get("readOnlyRootFilesystem") is True or name == "rabbitmq", name
        assert {"requests", "limits"} <= set(container(item)["resources"]), name


def test_every_web_process_and_worker_may_be_drained_one_at_a_time(overlays: dict[str, list[Manifest]]) -> None:
    manifests = overlays["production"]
    budgets = [item["spec"]["selector"]["matchLabels"] for item in of_kind(manifests, "PodDisruptionBudget").values()]
    for name, item in of_kind(manifests, "Deployment").items():
        labels = item["spec"]["template"]["metadata"]["labels"]
        matching = [budget for budget in budgets if budget.items() <= labels.items()]
        assert len(matching) == (0 if name == "redis" else 1), name


def test_the_chat_scales_by_its_sockets_and_by_cpu(overlays: dict[str, list[Manifest]]) -> None:
    scalers = of_kind(overlays["production"], "HorizontalPodAutoscaler")
    assert set(scalers) == {"gateway", *(f"{service}-web" for service in services.NAMES)}
    metrics: list[dict[str, Any]] = scalers["lecture-chat-web"]["spec"]["metrics"]
    assert {metric["type"] for metric in metrics} == {"Resource", "Pods"}
    assert metrics[1]["pods"]["metric"]["name"] == "homeroom_sockets_open"
    for name in scalers:
        assert "replicas" not in of_kind(overlays["production"], "Deployment")[name]["spec"]
