"""compose.yaml's services as podman containers: every key that stands there is carried out, an unknown one refused."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from dev.layout import ROOT
from dev.rehearse.images import podman

PREFIX = "rehearsal"
HEALTHY_SECONDS = 180
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(:?-)([^}]*)\}")
# What needs the engine's own supervision (restarts, health checks on a clock) is done by hand here or left out.
LEFT_OUT = {"restart", "build", "healthcheck", "depends_on", "deploy", "stop_grace_period", "image", "command", "init"}
LEFT_OUT |= {"networks", "entrypoint"}  # not one option each
KNOWN = {"user", "hostname", "shm_size", "read_only", "tmpfs", "cap_drop", "security_opt"}
KNOWN |= {"environment", "ports", "volumes", "secrets"}
FLAGS = {"environment": "env", "ports": "publish", "volumes": "volume"}
# Every test calls from one address here, the network's own, and registers a school.
ROOMY = {"SCHOOLS_RATE": "60r/s", "SCHOOLS_BURST": "100", "LOGIN_RATE": "60r/s", "LOGIN_BURST": "200"}
Service = dict[str, Any]


def read(variables: Mapping[str, str]) -> dict[str, Any]:
    """compose.yaml with its variables put in."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        given = variables.get(found[1])
        return given if given or (given is not None and found[2] == "-") else found[3]

    text = (ROOT / "compose.yaml").read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, text))
    document["services"]["gateway"]["environment"] |= ROOMY
    return document


class Rehearsal:
    """The containers, volumes and networks of one compose file."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.services: dict[str, Service] = document["services"]

    def up(self) -> None:
        """Start everything in the order of `depends_on`, waiting as its conditions say."""
        for name, network in self.document["networks"].items():
            internal = ["--internal"] if (network or {}).get("internal") else []
            podman("network", "create", *internal, f"{PREFIX}-{name}")
        for name in self._ordered():
            started = time.monotonic()
            self._start(name)
            self._wait(name)
            print(f"  {name}: {time.monotonic() - started:.1f} s", flush=True)

    def down(self) -> None:
        """Remove all of it."""
        podman("rm", "--force", "--time=2", "--volumes", *self._containers(), check=False, quiet=True)
        for name in self.document["networks"]:
            podman("network", "rm", "--force", f"{PREFIX}-{name}", check=False, quiet=True)
        for name in self.document["volumes"]:
            podman("volume", "rm", "--force", f"{PREFIX}-{name}", check=False, quiet=True)

    def logs(self, name: str, lines: int = 30) -> str:
        """The end of what the service's first container said."""
        done = podman("logs", f"--tail={lines}", f"{PREFIX}-{name}-1", check=False, quiet=True)
        return done.stdout + done.stderr

    def replicas(self, name: str) -> list[str]:
        count = self.services[name].get("deploy", {}).get("replicas", 1)
        return [f"{PREFIX}-{name}-{number + 1}" for number in range(count)]

    def _containers(self) -> list[str]:
        return [container for name in self.services for container in self.replicas(name)]

    def _ordered(self) -> Iterator[str]:
        done: set[str] = set()
        while len(done) < len(self.services):
            ready = [n for n, s in self.services.items() if n not in done and set(s.get("depends_on", {})) <= done]
            yield from ready
            done.update(ready)

    def _start(self, name: str) -> None:
        service = self.services[name]
        command = [str(word) for word in service.get("command", [])]
        for container in self.replicas(name):
            options = list(self._options(name, service))
            image = service["image"] if ":" in service["image"] else f"{service['image']}:latest"
            tail = [*service.get("entrypoint", [])[1:], *command]
            podman("run", "--detach", f"--name={container}", *options, f"localhost/{image}", *tail)

    def _options(self, name: str, service: Service) -> Iterator[str]:
        yield from ("--pull=never", "--ulimit=nofile=20000:20000", "--ulimit=nproc=2000:2000", "--init")
        networks = service.get("networks", ["default"])
        yield f"--network={','.join(f'{PREFIX}-{network}' for network in networks)}"
        yield f"--network-alias={name}"
        yield "--read-only-tmpfs=false"  # as other engines do: only what compose.yaml names may be written
        if "entrypoint" in service:
            yield f"--entrypoint={service['entrypoint'][0]}"
        if unknown := service.keys() - LEFT_OUT - KNOWN:
            raise ValueError(f"compose.yaml has keys that the rehearsal does not know: {unknown}")
        for key in sorted(service.keys() & KNOWN):
            yield from self._option(key, service[key])

    def _option(self, key: str, value: Any) -> Iterator[str]:
        flag = f"--{FLAGS.get(key, key.replace('_', '-'))}"
        match value:
            case dict():
                yield from (f"{flag}={name}={'' if text is None else text}" for name, text in value.items())
            case list() if key == "secrets":
                yield from (self._secret(item) for item in value)
            case list():
                prefix = f"{PREFIX}-" if key == "volumes" else ""
                yield from (f"{flag}={prefix}{item}" for item in value)
            case _:
                yield f"{flag}={str(value).lower() if isinstance(value, bool) else value}"

    def _secret(self, item: str | dict[str, str]) -> str:
        source, target = (item, item) if isinstance(item, str) else (item["source"], item["target"])
        file = ROOT / self.document["secrets"][source]["file"]
        return f"--volume={file}:{Path('/run/secrets') / target}:ro"

    def _wait(self, name: str) -> None:
        service = self.services[name]
        if service.get("restart") == "no":
            done = podman("wait", *self.replicas(name)).stdout.strip()
            if done != "0":
                raise RuntimeError(f"{name} ended with {done}:\n{self.logs(name)}")
            return
        check = service["healthcheck"]["test"]
        command = ["sh", "-c", check[1]] if check[0] == "CMD-SHELL" else check[1:]
        for container in self.replicas(name):
            self._healthy(name, container, [str(word) for word in command])

    def _healthy(self, name: str, container: str, command: list[str]) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while podman("exec", container, *command, check=False, quiet=True).returncode != 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{container} is not healthy:\n{self.logs(name)}")
            time.sleep(0.5)
