"""The images: our own from their Dockerfiles, and stand-ins, made from Debian's packages, for those of others."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dev.layout import ROOT, VENV

HERE = Path(__file__).parent / "images"
BASE = "localhost/rehearsal/base:bookworm"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PIP_CONF = Path("/etc/pip.conf")
STAND_INS = {
    "python": "python:3.13.7-slim-bookworm",
    "postgres": "postgres:17.6-bookworm",
    "rabbitmq": "rabbitmq:3.13.7-management",
    "redis": "redis:7.4.2-bookworm",
    "seaweedfs": "chrislusf/seaweedfs:4.48",
    "mailpit": "axllent/mailpit:v1.31.0",
    "nginx": "nginx:1.28.0-bookworm",
    "node": "node:24.11.1-bookworm-slim",
}


def bring_weed(context: Path) -> None:
    shutil.copy(VENV / "bin" / "weed", context / "weed")


def bring_node(context: Path) -> None:
    """This machine's Node.js and npm; raises RuntimeError where it has none."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("The web app is built by Node.js: install it, or have it in PATH.")
    shutil.copy(Path(node).resolve(), context / "node")
    root = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, check=True).stdout.strip()
    shutil.copytree(Path(root) / "npm", context / "npm", symlinks=True)


BROUGHT = {"seaweedfs": bring_weed, "node": bring_node}


def podman(*arguments: str, check: bool = True, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    """Run podman on runc; raises RuntimeError with what it said."""
    command = ["podman", "--runtime", "runc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"podman {arguments[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    if not quiet and done.stderr and done.returncode != 0:
        print(done.stderr[-500:])
    return done


def exists(image: str) -> bool:
    return podman("image", "exists", image, check=False, quiet=True).returncode == 0


def build(image: str, containerfile: Path, context: Path, mounts: Sequence[str] = ()) -> None:
    """Build with the host's network, so that packages come from where they come for the host."""
    limits = ["--ulimit=nofile=20000:20000", "--ulimit=nproc=2000:2000"]
    options = ["--network=host", "--pull=never", "--layers", "--format=docker", *limits, *mounts]
    podman("build", *options, f"--tag=localhost/{image}", f"--file={containerfile}", str(context))


def make_base() -> None:
    """Debian, by debootstrap."""
    if exists(BASE):
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
        archive = Path(folder) / "root.tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        podman("import", str(archive), BASE)


def make_stand_ins() -> None:
    """Every image that compose.yaml and the Dockerfiles name and a registry would give."""
    make_base()
    for name, image in STAND_INS.items():
        if exists(f"localhost/{image}"):
            continue
        print(f"  {image}: a stand-in", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            context = Path(folder) / name
            shutil.copytree(HERE / name, context)
            if name in BROUGHT:
                BROUGHT[name](context)
            build(image, context / "Containerfile", context)


def make_ours(services: dict[str, Any]) -> None:
    """Ours, from the same Dockerfiles as anywhere."""
    # Python's packages are fetched as the host fetches them.
    mounts = [f"--volume={file}:{file}:ro" for file in (CERTIFICATES, PIP_CONF) if file.exists()]
    wanted = {service["image"]: service["build"]["dockerfile"] for service in services.values() if "build" in service}
    for image, dockerfile in sorted(wanted.items()):
        print(f"  {image}", flush=True)
        build(f"{image}:latest", ROOT / dockerfile, ROOT, mounts)
