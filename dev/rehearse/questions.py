"""What the rehearsal asks of the running containers."""

import asyncio
import json
import os
import subprocess
import time
from uuid import uuid4

from dev import demo, tls
from dev.gateway_client import Api, ApiError, trust
from dev.layout import ROOT, VENV, State
from dev.rehearse.containers import Rehearsal
from dev.rehearse.images import podman

PATIENCE_SECONDS = 60
REFUSALS = {403, 404}  # said by the chat itself of a lecture that is not there
TESTED = ("signing_in", "classroom_life", "docs_page", "files", "lecture_room", "import", "personal_data")


def ask(rehearsal: Rehearsal, origin: str, state: State) -> None:
    """Raises AssertionError for the first answer that is not as it should be."""
    locked_down(rehearsal)
    asyncio.run(school(origin, state))
    asyncio.run(replicas(rehearsal, origin, state))
    system_tests(origin, state)


def locked_down(rehearsal: Rehearsal) -> None:
    """Nobody is root or may write where he should not; no secret is in an environment."""
    secrets = [path.read_text().strip() for path in (ROOT / ".homeroom" / "secrets").iterdir()]
    for name, service in rehearsal.services.items():
        if service.get("restart") == "no":
            continue
        container = rehearsal.replicas(name)[0]
        assert podman("exec", container, "id", "-u").stdout.strip() != "0", f"{name} runs as root"
        writes = podman("exec", container, "touch", "/etc/probe", check=False, quiet=True).returncode == 0
        assert not writes, f"{name} may write into /etc"
        told = json.loads(podman("inspect", container, "--format", "{{json .Config.Env}}").stdout)
        leaked = [word for word in secrets if any(word in item for item in told)]
        assert not leaked, f"{name} has a secret in its environment"
    print("  nobody is root, file systems are read-only, no secret is in an environment", flush=True)


async def school(origin: str, state: State) -> None:
    """The demo school is made through the gateway, and its figures arrive in grading."""
    context = trust(tls.authority_file(state.tls), insecure=False)
    await demo.make(origin, context)
    async with Api(origin, demo.ADMIN.email, demo.PASSWORD, context, patience=PATIENCE_SECONDS) as api:
        await api.login()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not [teacher for teacher in (await api.get("/api/grading/teachers"))["items"] if teacher["classrooms"]]:
            assert time.monotonic() < deadline, "no figure arrived in grading"
            await asyncio.sleep(0.5)
    print("  the demo school is there, and its figures in grading", flush=True)


async def replicas(rehearsal: Rehearsal, origin: str, state: State) -> None:
    """The gateway uses both replicas of the chat, and one is enough when the other is killed."""
    context = trust(tls.authority_file(state.tls), insecure=False)
    async with Api(origin, demo.ADMIN.email, demo.PASSWORD, context, patience=PATIENCE_SECONDS) as api:
        await api.login()

        async def statuses() -> set[int]:
            paths = [f"/api/lecture-chat/lectures/{uuid4()}" for _ in range(12)]
            return {await _status(api, path) for path in paths}

        assert (found := await statuses()) <= REFUSALS, found
        await asyncio.sleep(2)
        lines = [json.loads(line) for line in rehearsal.logs("gateway", 200).splitlines() if line.startswith("{")]
        used = {line["upstream"] for line in lines if "/lecture-chat/lectures/" in line["path"]}
        assert len(used) == 2, f"the gateway used {used}"
        podman("kill", rehearsal.replicas("lecture-chat")[1])
        assert (found := await statuses()) <= REFUSALS, found
    print("  the gateway uses both replicas of the chat, and does without a killed one", flush=True)


async def _status(api: Api, path: str) -> int:
    try:
        return (await api.call("GET", path)).status
    except ApiError as error:
        return error.status


def system_tests(origin: str, state: State) -> None:
    """The system tests that need no more than the gateway; what looks behind it is skipped."""
    told = {"HOMEROOM_URL": origin, "HOMEROOM_CA": str(tls.authority_file(state.tls))}
    command = [str(VENV / "bin" / "pytest"), "-q", *(f"tests/system/test_{name}.py" for name in TESTED)]
    assert subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, check=False).returncode == 0, "system tests"
