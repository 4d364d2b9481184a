"""`python -m dev.diagrams`: draw who uses Homeroom, its parts, its events and its tables from what the code says.

Writes docs/images/*.svg with graphviz' `dot`; `--check` fails when a drawing's source has changed.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from chassis.contracts import Contracts, EventType
from dev import erd
from dev.layout import ROOT
from dev.services import NAMES, REPLICAS

IMAGES = ROOT / "docs" / "images"
STYLE = """
  graph [fontname="DejaVu Sans", rankdir={direction}, bgcolor="white", pad=0.3, nodesep=0.35, ranksep=0.8]
  node [fontname="DejaVu Sans", fontsize=11, shape=box, style="rounded,filled", fillcolor="#e8f0fb", color="#1f3a5f"]
  edge [fontname="DejaVu Sans", fontsize=9, color="#4a5a70", fontcolor="#4a5a70"]
"""


def context() -> str:
    """Who uses Homeroom, and whom it uses (C4's first level), as a graphviz document."""
    people = {
        "admin": "runs the school",
        "teacher": "teaches, grades",
        "student": "learns",
        "operator": "runs Homeroom",
    }
    lines = ["digraph context {", STYLE.format(direction="LR")]
    lines += [f'  {who} [label="{who}\\n{what}", shape=oval, fillcolor="#ffffff"]' for who, what in people.items()]
    lines.append(
        '  homeroom [label="Homeroom\\na school\'s classrooms, quizzes, lectures, grades", fillcolor="#d7f0df"]'
    )
    lines += [f"  {who} -> homeroom" for who in people]
    outside = {
        "sis": ("School information system", "OneRoster packages, both ways"),
        "services": ("Other services", "events over AMQP, the HTTP API"),
        "identity": ("Identity provider", "OpenID Connect"),
        "mail": ("Mail server", "SMTP"),
        "monitoring": ("Prometheus, OpenTelemetry", "metrics, traces"),
    }
    for name, (label, how) in outside.items():
        lines.append(f'  {name} [label="{label}", fillcolor="#eeeeee"]')
        lines.append(f'  homeroom -> {name} [label="{how}"]')
    return "\n".join([*lines, "}\n"])


def architecture() -> str:
    """Who talks to whom, as a graphviz document."""
    lines = [
        "digraph architecture {",
        STYLE.format(direction="TB"),
        '  browser [label="Browser, phone,\\nAPI client", fillcolor="#ffffff"]',
        '  gateway [label="gateway: nginx + njs\\nTLS, JWT check, limits, routing", fillcolor="#d7f0df"]',
        '  broker [label="RabbitMQ\\nhomeroom.events", shape=cylinder, fillcolor="#fdeccf"]',
        '  redis [label="Redis\\nready-made fragments", shape=cylinder, fillcolor="#fdeccf"]',
        '  s3 [label="S3 (SeaweedFS)\\nbytes of files", shape=cylinder, fillcolor="#fdeccf"]',
        '  browser -> gateway [label="HTTPS, WebSocket"]',
    ]
    for service in NAMES:
        lines += _service(service)
    lines += ['  "classroom" -> redis', '  "files" -> s3', '  gateway -> s3 [style=dashed, label="bytes"]']
    return "\n".join([*lines, "}\n"])


def _service(service: str) -> list[str]:
    replicas = REPLICAS.get(service, 1)
    label = f"{service}\\nweb{f' × {replicas}' if replicas > 1 else ''} + worker"
    schema = service.replace("-", "_")
    return [
        f'  "{service}" [label="{label}"]',
        f'  "db-{service}" [label="Postgres schema\\n{schema}", shape=cylinder, fillcolor="#f3e8fb"]',
        f'  gateway -> "{service}"',
        f'  "{service}" -> "db-{service}"',
        f'  "{service}" -> broker [dir=both, style=dotted]',
    ]


def events(contracts: Contracts) -> str:
    """Which service tells which other what, as a graphviz document."""
    lines = ["digraph events {", STYLE.format(direction="LR")]
    told = [(kind.owner, consumer, kind) for kind in contracts.types.values() for consumer in sorted(kind.consumers)]
    told.sort(key=lambda item: (item[0], item[1], item[2].name))
    for (owner, consumer), group in groupby(told, key=lambda item: item[:2]):
        lines.append(f'  "{owner}" -> "{consumer}" [label="{_names(kind for _, _, kind in group)}"]')
    return "\n".join([*lines, "}\n"])


def _names(kinds: Iterable[EventType]) -> str:
    shorts = [kind.name.split(".")[1] for kind in kinds]
    grouped = groupby(shorts, key=lambda name: name.rsplit("-", 1)[0])
    return "".join(f"{subject}: {', '.join(name.rsplit('-', 1)[1] for name in names)}\\l" for subject, names in grouped)


def documents() -> dict[Path, str]:
    """Each drawing's source by the path it is kept under, beside its picture."""
    contracts = Contracts.load(ROOT / "contracts")
    drawn = {IMAGES / "context.dot": context(), IMAGES / "architecture.dot": architecture()}
    drawn[IMAGES / "events.dot"] = events(contracts)
    schema = STYLE.format(direction="LR")
    return drawn | {IMAGES / f"schema-{service}.dot": erd.document(service, schema) for service in NAMES}


def stale() -> list[Path]:
    """The drawings whose source is no longer what the code says, or whose picture is missing."""
    return [path for path, text in documents().items() if not _current(path, text)]


def _current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text and path.with_suffix(".svg").exists()


def draw() -> None:
    """Write all sources and pictures."""
    dot = shutil.which("dot") or sys.exit("Install graphviz to draw: apt-get install graphviz")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, "utf-8")
        subprocess.run([dot, "-Tsvg", f"-o{path.with_suffix('.svg')}", path], check=True)


def main() -> None:
    """Command line entry point."""
    if "--check" not in sys.argv:
        draw()
    elif old := stale():
        sys.exit(f"Run `make docs`: {', '.join(path.name for path in old)} no longer agree with the code.")


if __name__ == "__main__":
    main()
