"""The five services: their processes, their environment and their migrations."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from dev import mail, postgres, rabbitmq, redis, s3
from dev.layout import ROOT, VENV
from dev.probe import get
from dev.programs import Plan, Program

NAMES = ("auth", "classroom", "grading", "lecture-chat", "files")
REPLICAS: Mapping[str, int] = {"lecture-chat": 2}
GUNICORN_CONFIG = ROOT / "chassis" / "chassis" / "gunicorn_conf.py"


def package(service: str) -> str:
    return service.replace("-", "_")


def web_names(service: str) -> list[str]:
    """`auth-web`, or `lecture-chat-web-1` and `-2` where there are replicas."""
    replicas = REPLICAS.get(service, 1)
    return [f"{service}-web" if replicas == 1 else f"{service}-web-{number + 1}" for number in range(replicas)]


def program_names(service: str) -> list[str]:
    return [*web_names(service), f"{service}-worker"]


def folder(service: str) -> Path:
    return ROOT / "services" / service


def programs(plan: Plan) -> list[Program]:
    """Web replicas and worker of every service."""
    return [
        program
        for service in NAMES
        for program in (*(_web(plan, service, name) for name in web_names(service)), _worker(plan, service))
    ]


def _web(plan: Plan, service: str, name: str) -> Program:
    return Program(
        name=name,
        command=(
            str(VENV / "bin" / "gunicorn"),
            f"--config={GUNICORN_CONFIG}",
            f"{package(service)}.app:create_app",
        ),
        environment={**_process_environment(plan, service), "PORT": str(plan.ports[name])},
        ready=_ready(plan.ports[name]),
    )


def _worker(plan: Plan, service: str) -> Program:
    name = f"{service}-worker"
    return Program(
        name=name,
        command=(str(VENV / "bin" / "python"), "-m", f"{package(service)}.worker"),
        environment=_process_environment(plan, service),
        ready=_ready(plan.ports[name]),
    )


def _ready(port: int) -> Callable[[], None]:
    def ask() -> None:
        get(f"http://127.0.0.1:{port}/readyz")

    return ask


def _process_environment(plan: Plan, service: str) -> dict[str, str]:
    code = fingerprint(folder(service) / package(service), ROOT / "chassis" / "chassis", ROOT / "contracts" / "events")
    return {**environment(plan, service), "HOMEROOM_CODE": code}


def fingerprint(*folders: Path) -> str:
    """Changes with the code in the folders; being in a program's environment, it makes `up` restart what is old."""
    digest = hashlib.sha256()
    for file in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if "tests" not in file.parts and "__pycache__" not in file.parts:
            digest.update(f"{file}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def database_url(plan: Plan, service: str) -> str:
    password = plan.secrets[f"database-{service}"]
    return f"postgresql://{package(service)}:{password}@127.0.0.1:{plan.ports['postgres']}/{postgres.DATABASE}"


def environment(plan: Plan, service: str) -> dict[str, str]:
    """What the service's processes are told; the same names in every way of running them."""
    return {
        "DATABASE_URL": database_url(plan, service),
        "AMQP_URL": rabbitmq.amqp_url(plan),
        "AMQP_MANAGEMENT_URL": rabbitmq.management_url(plan),
        "REDIS_URL": redis.url(plan),
        "JWKS_URL": f"http://127.0.0.1:{plan.ports['auth-web']}/api/auth/.well-known/jwks.json",
        "TOKEN_ISSUER": "https://homeroom",
        "TOKEN_AUDIENCE": "homeroom",
        "CONTRACTS_DIR": str(ROOT / "contracts"),
        "HOST": "127.0.0.1",
        "PORT": str(plan.ports[web_names(service)[0]]),
        "WORKER_PORT": str(plan.ports[f"{service}-worker"]),
        "LOG_LEVEL": "info",
        "ALLOWED_ORIGINS": ",".join(origins(plan)),
        "OTLP_ENDPOINT": os.environ.get("OTLP_ENDPOINT", ""),
        "PYTHONUNBUFFERED": "1",
        **_extra(plan, service),
    }


def origins(plan: Plan) -> list[str]:
    return [f"https://{host}:{plan.ports['gateway']}" for host in ("localhost", "127.0.0.1")]


def _extra(plan: Plan, service: str) -> dict[str, str]:
    if service == "auth":
        return {
            "SIGNING_KEY_SECRET": plan.secrets["signing-key-secret"],
            "PUBLIC_URL": origins(plan)[0],
            "SMTP_URL": mail.smtp_url(plan),
        }
    if service == "files":
        return {f"S3_{name.upper()}": value for name, value in s3.access(plan).items()}
    return {}


def migrate(plan: Plan, service: str) -> None:
    """Bring the service's schema up to date. Raises RuntimeError with what the tool said."""
    admin = {"ADMIN_DATABASE_URL": postgres.admin_url(plan)}
    environ = {**os.environ, **environment(plan, service), **admin}
    command = [str(VENV / "bin" / "python"), "-m", "chassis.migrate", package(service)]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the migrations of {service} failed:\n{done.stdout}{done.stderr}")
