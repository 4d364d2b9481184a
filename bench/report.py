"""The results of all benchmarks as a section of docs/performance.md and as drawn pictures."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from bench.table import Line, kept, table
from dev.layout import ROOT
from dev.tools import Environment

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "images" / "benchmarks"
BEGIN, END = "<!-- the results of make bench: begin -->", "<!-- the results of make bench: end -->"
PACKAGES = ("aiohttp", "uvloop", "psycopg2-binary", "redis", "aio-pika", "orjson", "pydantic")
PROGRAMS = (["postgres", "--version"], ["redis-server", "--version"], ["nginx", "-v"], ["node", "--version"])
NUMBER = re.compile(r"\d+(\.\d+)+")
DRAWING = Environment("bench")


def write() -> None:
    """Put the newest results between the page's two marks, and draw a picture of each benchmark."""
    results = kept()
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise RuntimeError(f"{PAGE} has lost its marks {BEGIN} … {END}")
    section = "\n\n".join([BEGIN, machine(), *(_shown(name, result) for name, result in results.items()), END])
    PAGE.write_text(before + section + after, "utf-8")
    PICTURES.mkdir(exist_ok=True)
    drawing = [str(DRAWING.program("python")), str(ROOT / "bench" / "drawing.py"), str(PICTURES)]
    subprocess.run([*drawing, str(ROOT / "bench" / "results.json")], check=True)


def _shown(name: str, result: Any) -> str:
    lines = [Line(**line) for line in result["lines"]]
    picture = f"![{name}: Homeroom and its peers](images/benchmarks/{name}.svg)"
    return f"### {name.replace('_', ' ')}\n\nMeasured {result['at']} UTC.\n\n{table(lines)}\n\n{picture}"


def machine() -> str:
    """What it ran on, for whoever compares."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = platform.release().partition("-")[0]
    words = f"{os.cpu_count()} cores, {memory:.0f} GB, Linux {kernel}, Python {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"Machine: {words}. {packages}. {', '.join(_programs())}."


def _programs() -> Iterator[str]:
    for command in PROGRAMS:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue  # a program that the benchmarks at hand did not need
        if found := NUMBER.search(done.stdout + done.stderr):
            yield f"{command[0]} {found[0]}"
