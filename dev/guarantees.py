"""`python -m dev.guarantees [--check]`: docs/guarantees.md, from tests/guarantees.yaml and what the tests say.

A test (or a whole module of tests) that keeps a promise says `GUARANTEES 18` in its docstring, or `Control of
GUARANTEES 18` when it shows that a broken variant is caught; in tests/faults the name `test_18_…` says it too, and a
parameter called `broken` makes a test its own control.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tests" / "guarantees.yaml"
FIGURES = ROOT / "tests" / "faults" / "figures.json"
PAGE = ROOT / "docs" / "guarantees.md"
FOLDERS = ("chassis/tests", "services/*/tests", "gateway/nginx/tests", "dev/tests", "tests")
NAMED = re.compile(r"(Control of )?guarantees?\s+((?:\d+(?:\s*(?:,|and|to|-)\s*)?)+)", re.IGNORECASE)
NUMBERED = re.compile(r"test_(\d+)_")
BROKEN = re.compile(r"broken|control|seeded", re.IGNORECASE)
HEADER = """\
# Guarantees, and the tests that keep them

Made by `python -m dev.guarantees` from `tests/guarantees.yaml` and what the tests' docstrings say. A *control* is the
same check against a variant that is broken on purpose: it must fail, so that no check is green by accident. The short
form of each runs in `make test`, the long one (hundreds of kills) in `make faults`, which renews the figures below.
"""
FIGURES_HEADER = """\
## What the long form counted last

*Rounds* is `FAULT_ROUNDS`: how often something is killed. *Recovery* is from the last fault to the last effect.

| | test | on | rounds | attempted | acked | lost | duplicated | reordered | foreign | recovery (s) | |
|---|---|---|---|---|---|---|---|---|---|---|---|"""
COUNTED = ("attempted", "acked", "lost", "duplicated", "reordered", "foreign")


@dataclass(frozen=True, slots=True)
class Keeper:
    """A test that names a promise."""

    number: int
    place: str
    control: bool
    test: str = ""


def keepers(root: Path) -> list[Keeper]:
    """Every mention of a promise in a test's docstring or name."""
    files = (file for folder in FOLDERS for found in root.glob(folder) for file in found.rglob("test_*.py"))
    return [keeper for file in sorted(files) for keeper in _of_file(file, str(file.relative_to(root)))]


def _of_file(file: Path, place: str) -> Iterator[Keeper]:
    tree = ast.parse(file.read_text("utf-8"))
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    controls = any(BROKEN.search(node.name) for node in tests)
    yield from _named(ast.get_docstring(tree) or "", place, controls)
    for node in tests:
        if not node.name.startswith("test_"):
            continue
        own = bool(BROKEN.search(node.name)) or any(BROKEN.search(argument.arg) for argument in node.args.args)
        yield from _named(ast.get_docstring(node) or "", place, own, node.name)
        if place.startswith("tests/faults") and (found := NUMBERED.match(node.name)):
            yield Keeper(int(found[1]), place, own, node.name)


def _named(text: str, place: str, control: bool, test: str = "") -> Iterator[Keeper]:
    for match in NAMED.finditer(text):
        for number in _numbers(match[2]):
            yield Keeper(number, place, control or match[1] is not None, test)


def _numbers(text: str) -> Iterator[int]:
    """`1, 3 to 5 and 9` → 1, 3, 4, 5, 9."""
    for first, last in re.findall(r"(\d+)(?:\s*(?:to|-)\s*(\d+))?", text):
        yield from range(int(first), int(last or first) + 1)


def promises() -> dict[str, dict[int, str]]:
    """Chapter → number → promise."""
    chapters: dict[str, dict[int, str]] = yaml.safe_load(SOURCE.read_text("utf-8"))
    return chapters


def render(chapters: Mapping[str, Mapping[int, str]], found: list[Keeper]) -> str:
    """The page."""
    parts = [HEADER]
    for title, entries in chapters.items():
        rows = [f"| {number} | {text} | {_places(number, found)} |" for number, text in entries.items()]
        parts.append(
            "\n".join([f"## {title}\n", "| | promise | tests (c: with a control) |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def _places(number: int, found: list[Keeper]) -> str:
    places: dict[str, bool] = {}
    for keeper in found:
        if keeper.number == number:
            places[keeper.place] = places.get(keeper.place, False) or keeper.control
    return "<br>".join(f"[{Path(place).name}](../{place}){' c' if own else ''}" for place, own in places.items()) or "–"


def render_figures(figures: Mapping[str, Mapping[str, Any]], found: list[Keeper]) -> str:
    """What the long form counted last, by promise."""
    rows = []
    for name, counted in figures.items():
        place, _, test = name.partition("::")
        test = test.partition("[")[0]
        if numbers := sorted({keeper.number for keeper in found if (keeper.place, keeper.test) == (place, test)}):
            rows.append((numbers, f"| {', '.join(map(str, numbers))} | `{test}` | {_counted(counted)} |"))
    return "\n".join([FIGURES_HEADER, *(row for _, row in sorted(rows)), ""])


def _counted(counted: Mapping[str, Any]) -> str:
    recovery = f"{counted['recovery_s']:.1f}" if counted["recovery_s"] else ""
    notes = ", ".join(f"{name} {value:,}" for name, value in counted["notes"].items())
    numbers = [f"{counted[name]:,}" for name in COUNTED]
    return " | ".join([counted["on"], str(counted["rounds"]), *numbers, recovery, notes])


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m dev.guarantees", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    found = keepers(ROOT)
    figures = json.loads(FIGURES.read_text("utf-8"))
    text = render(promises(), found) + "\n" + render_figures(figures, found)
    if not parser.parse_args().check:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        sys.exit("docs/guarantees.md is stale: run `python -m dev.guarantees`")


if __name__ == "__main__":
    main()
