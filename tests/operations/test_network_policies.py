"""What the network policies let through is what docs/architecture.md draws, worked out as a cluster would."""

from collections.abc import Iterable
from typing import Any

from dev import services
from tests.operations.conftest import Manifest
from tests.operations.test_kubernetes import of_kind

Labels = dict[str, str]
Link = tuple[str, str, int]

WEBS = {f"{service}-web" for service in services.NAMES}
WORKERS = {f"{service}-worker" for service in services.NAMES}
JOBS = {f"{service}-migrations" for service in services.NAMES}
PORTS = (1025, 5432, 5672, 6379, 8000, 8001, 8333, 8443, 15672, 8025, 9333)
DRAWN: set[Link] = {
    *(("gateway", web, 8000) for web in WEBS),
    *((web, "auth-web", 8000) for web in WEBS),
    *((process, "postgres", 5432) for process in WEBS | WORKERS | JOBS),
    *((process, "rabbitmq", port) for process in WEBS | WORKERS for port in (5672, 15672)),
    *((process, "redis", 6379) for process in WEBS | WORKERS),
    *((process, "seaweedfs", 8333) for process in ("files-web", "files-worker", "gateway")),
    ("auth-worker", "mail", 1025),
}


def selects(selector: Manifest, labels: Labels) -> bool:
    wanted = selector.get("matchLabels", {})
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", []))


def pods(manifests: list[Manifest]) -> dict[str, Labels]:
    items = of_kind(manifests, "Deployment", "StatefulSet", "Job")
    return {name: item["spec"]["template"]["metadata"]["labels"] for name, item in items.items()}


def allowed(policies: Iterable[Manifest], labels: Labels, direction: str, peer: Labels, port: int) -> bool:
    """Whether traffic between two pods of the namespace passes the policies that select the one."""
    chosen = [policy["spec"] for policy in policies if selects(policy["spec"]["podSelector"], labels)]
    chosen = [spec for spec in chosen if direction.capitalize() in spec["policyTypes"]]
    side = "from" if direction == "ingress" else "to"
    rules: list[dict[str, Any]] = [rule for spec in chosen for rule in spec.get(direction, [])]
    return not chosen or any(_passes(rule.get(side), peer) and _open(rule.get("ports"), port) for rule in rules)


def _passes(peers: list[Manifest] | None, labels: Labels) -> bool:
    if peers is None:
        return True
    return any(
        "podSelector" in peer and "namespaceSelector" not in peer and selects(peer["podSelector"], labels)
        for peer in peers
    )


def _open(ports: list[dict[str, int]] | None, port: int) -> bool:
    return ports is None or any(entry["port"] <= port <= entry.get("endPort", entry["port"]) for entry in ports)


def links(manifests: list[Manifest]) -> set[Link]:
    policies = list(of_kind(manifests, "NetworkPolicy").values())
    every = pods(manifests)
    return {
        (one, other, port)
        for one, labels in every.items()
        for other, peer in every.items()
        for port in PORTS
        if allowed(policies, labels, "egress", peer, port) and allowed(policies, peer, "ingress", labels, port)
    }


def test_nothing_may_talk_but_what_is_drawn(overlays: dict[str, list[Manifest]]) -> None:
    assert links(overlays["local"]) == DRAWN


def test_in_production_too(overlays: dict[str, list[Manifest]]) -> None:
    inside = set(pods(overlays["production"]))
    assert links(overlays["production"]) == {link for link in DRAWN if {link[0], link[1]} <= inside}


def test_without_the_denial_everything_would_pass(overlays: dict[str, list[Manifest]]) -> None:
    """Control: the same reckoning finds what a missing policy opens."""
    closing = {"deny-everything", "names", "postgres"}
    policies = of_kind(overlays["local"], "NetworkPolicy")
    open_house = [item for item in overlays["local"] if item not in [policies[name] for name in closing]]
    assert ("mail", "postgres", 5432) in links(open_house)
