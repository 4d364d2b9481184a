"""The nginx gateway of the native stack: gateway/nginx/render.py renders it and becomes nginx."""

import os
import sysconfig
from pathlib import Path

from dev import s3, services, tls, web
from dev.layout import ROOT, VENV, State, passable
from dev.probe import get
from dev.programs import Plan, Program

RENDERER = ROOT / "gateway" / "nginx" / "render.py"


def programs(plan: Plan) -> list[Program]:
    """The one gateway."""
    folder = plan.state.data / "gateway"
    assignments = [f"{name}={value}" for name, value in sorted(settings(plan).items())]
    gateway = Program(
        name="gateway",
        command=(str(VENV / "bin" / "python"), str(RENDERER), str(folder), *assignments, "--start"),
        environment={"HOMEROOM_CODE": services.fingerprint(RENDERER.parent)},
        ready=lambda: check(plan),
        prepare=lambda: prepare(folder),
    )
    return [gateway]


def prepare(folder: Path) -> None:
    """Its folder, and the web app that it serves."""
    folder.mkdir(exist_ok=True)
    web.build()


def check(plan: Plan) -> None:
    """The API page is public and asks no service."""
    get(f"https://localhost:{plan.ports['gateway']}/api/docs", tls.authority_file(plan.state.tls))


def settings(plan: Plan) -> dict[str, str]:
    """What differs from gateway/nginx/settings.env."""
    ports, state = plan.ports, plan.state
    store = f"127.0.0.1:{ports['s3']}"
    replicas = {service: services.web_names(service) for service in services.NAMES}
    return {
        "RUN_DIR": str(run_folder(state)),
        "WORKER_USER": worker_user(state),
        "WORKER_PROCESSES": "2",
        "TLS_CERT": str(tls.certificate_file(state.tls)),
        "TLS_KEY": str(tls.key_file(state.tls)),
        "WEB_ROOT": str(web.DIST),
        "SWAGGER_UI_DIR": str(swagger_ui()),
        "HTTPS_LISTEN": f"127.0.0.1:{ports['gateway']}",
        "PUBLIC_PORT": f":{ports['gateway']}",
        # A browser that trusts the local authority would ask every other server on localhost for HTTPS too.
        "HSTS": "",
        "ALLOWED_ORIGINS": " ".join(services.origins(plan)),
        "S3_SERVERS": store,
        "S3_HOST": store,
        "S3_BUCKET": s3.BUCKET,
    } | {
        f"{services.package(service).upper()}_SERVERS": " ".join(f"127.0.0.1:{ports[name]}" for name in names)
        for service, names in replicas.items()
    }


def run_folder(state: State) -> Path:
    return state.sockets / "gateway"


def worker_user(state: State) -> str:
    """Whom the workers of a root-started nginx run as: nobody, unless a folder on the way is closed to others."""
    folders = (state.data, state.sockets, web.DIST, swagger_ui())
    return "nobody nogroup" if all(passable(folder) for folder in folders) or os.getuid() != 0 else "root"


def swagger_ui() -> Path:
    """The API page's style and script, from the package swagger-ui-py."""
    return Path(sysconfig.get_path("purelib")) / "swagger_ui" / "static"
