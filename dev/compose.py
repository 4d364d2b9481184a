"""`make up` where a Docker engine answers: compose.yaml, its secrets, its certificate, its demo school."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dev import demo, docker, services, tls
from dev.layout import ROOT, State, private
from dev.ports import DEFAULTS, is_free
from dev.secrets import Secrets, load
from dev.supervisor import Supervisor

USUAL = ROOT / ".homeroom"
S3_ACTIONS = ["Admin", "Read", "List", "Tagging", "Write"]


def chosen(folder: Path) -> bool:
    """Whether this state folder's commands mean the containers: an engine answers and no native stack runs."""
    state = State.at(folder)
    return state.folder == USUAL and not Supervisor(state).running() and docker.answers()


def up(folder: Path) -> int:
    """Build, start, wait for health, make the demo school."""
    state = State.at(folder)
    tls.ensure(state.tls)
    write_secrets(state)
    port = gateway_port(state)
    _compose(port, "up", "--detach", "--build", "--wait", "--wait-timeout", "300")
    url = f"https://localhost:{port}"
    accounts = demo.ensure(url, state)
    demo.welcome(url, accounts)
    print(f"The mail it sends is at http://localhost:{os.environ.get('HOMEROOM_MAIL_PORT', '8025')}")
    return 0


def down() -> int:
    return _compose(_remembered(State.at(USUAL)), "down", "--timeout", "30")


def logs(programs: Sequence[str]) -> int:
    return _compose(_remembered(State.at(USUAL)), "logs", "--follow", "--tail", "20", *programs)


def reset(folder: Path) -> int:
    state = State.at(folder)
    _compose(_remembered(state), "down", "--volumes", "--timeout", "10")
    for name in ("demo.json", "compose-port"):
        (state.folder / name).unlink(missing_ok=True)
    return 0


def gateway_port(state: State) -> int:
    """The remembered port, else the first free one from 8443 on."""
    file = state.folder / "compose-port"
    if not file.exists():
        port = DEFAULTS["gateway"]
        while not is_free(port):
            port += 1
        file.write_text(str(port))
    return int(file.read_text())


def _remembered(state: State) -> int:
    file = state.folder / "compose-port"
    return int(file.read_text()) if file.exists() else DEFAULTS["gateway"]


def _compose(port: int, *arguments: str) -> int:
    environment = {"HOMEROOM_PORT": str(port), "HOMEROOM_ORIGIN": f"https://localhost:{port}"}
    command = ["docker", "compose", "--file", str(ROOT / "compose.yaml"), *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode != 0 and arguments[0] == "up":
        raise RuntimeError("The containers did not become healthy; `docker compose ps --all` and `make logs` say why.")
    return done.returncode


def write_secrets(state: State) -> None:
    """Each secret a file. The folder is private; the files are not, as each container reads under a user of its own."""
    folder = private(state.folder / "compose")
    for name, text in secret_files(load(state), state.tls).items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)


def secret_files(secrets: Secrets, certificates: Path) -> dict[str, str]:
    """The text of every secret that compose.yaml names."""
    rabbit, redis = secrets["rabbitmq"], secrets["redis"]
    return {
        "postgres-password": secrets["postgres"],
        "admin-database-url": f"postgresql://postgres:{secrets['postgres']}@postgres:5432/homeroom",
        **{f"{service}-database-url": _database_url(secrets, service) for service in services.NAMES},
        "amqp-url": f"amqp://homeroom:{rabbit}@rabbitmq:5672/",
        "amqp-management-url": f"http://homeroom:{rabbit}@rabbitmq:15672",
        "rabbitmq-conf": f"default_user = homeroom\ndefault_pass = {rabbit}\n",
        "redis-url": f"redis://:{redis}@redis:6379/0",
        "redis-conf": f'requirepass {redis}\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy allkeys-lru\n',
        "s3-json": json.dumps(_s3_identities(secrets)),
        "s3-access-key": secrets["s3-access-key"],
        "s3-secret-key": secrets["s3-secret-key"],
        "signing-key-secret": secrets["signing-key-secret"],
        "tls-certificate": tls.certificate_file(certificates).read_text(),
        "tls-key": tls.key_file(certificates).read_text(),
    }


def _database_url(secrets: Secrets, service: str) -> str:
    password = secrets[f"database-{service}"]
    return f"postgresql://{services.package(service)}:{password}@postgres:5432/homeroom"


def _s3_identities(secrets: Secrets) -> dict[str, object]:
    key = {"accessKey": secrets["s3-access-key"], "secretKey": secrets["s3-secret-key"]}
    return {"identities": [{"name": "homeroom", "credentials": [key], "actions": S3_ACTIONS}]}


if __name__ == "__main__":  # on a server of its own: the secrets alone
    usual = State.at(USUAL)
    tls.ensure(usual.tls)
    write_secrets(usual)
