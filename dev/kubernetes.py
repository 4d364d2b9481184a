"""`python -m dev.kubernetes`: print the secrets of k8s/overlays/local, made like those of compose.yaml.

python -m dev.kubernetes | kubectl apply --filename -
"""

import base64
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from dev import compose, services, tls
from dev.layout import ROOT, State
from dev.secrets import Secrets, load

NAMESPACE = "homeroom"
OWN = {
    "auth": {"signing-key-secret": "signing-key-secret"},
    "files": {"s3-access-key": "s3-access-key", "s3-secret-key": "s3-secret-key"},
}
CONNECTIONS = ("amqp-url", "amqp-management-url", "redis-url")
DATA = ("postgres-password", "rabbitmq-conf", "redis-conf", "s3-json")


def manifests(secrets: Secrets, certificates: Path) -> Iterable[dict[str, Any]]:
    """One Secret for each name the base, the components and the local overlay refer to."""
    files = compose.secret_files(secrets, certificates)
    for service in services.NAMES:
        own = {"database-url": files[f"{service}-database-url"]}
        own |= {key: files[name] for key, name in OWN.get(service, {}).items()}
        if service == "auth":
            own["smtp-url"] = "smtp://mail:1025"
        yield _secret(f"{service}-secrets", own)
    yield _secret("homeroom-connections", {name: files[name] for name in CONNECTIONS})
    yield _secret("homeroom-admin", {"admin-database-url": files["admin-database-url"]})
    yield _secret("homeroom-data", {name: files[name] for name in DATA})
    certificate = {"tls.crt": files["tls-certificate"], "tls.key": files["tls-key"]}
    yield _secret("gateway-tls", certificate) | {"type": "kubernetes.io/tls"}


def _secret(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}


def main() -> None:
    """Command line entry point."""
    state = State.at(ROOT / ".homeroom")
    tls.ensure(state.tls)
    yaml.safe_dump_all(manifests(load(state), state.tls), sys.stdout)


if __name__ == "__main__":
    main()
