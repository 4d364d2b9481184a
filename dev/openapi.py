"""`python -m dev.openapi [--check]`: each service's OpenAPI document, kept in `contracts/http/` for readers.

The documents are generated from the handlers; `--check` fails when one is stale.
"""

import sys
from importlib import import_module
from pathlib import Path

import orjson

from chassis.openapi import document
from dev.layout import ROOT
from dev.services import NAMES, package

FOLDER = ROOT / "contracts" / "http"


def documents() -> dict[Path, str]:
    """The text of every document by its path."""
    return {FOLDER / f"{service}.openapi.json": _text(service) for service in NAMES}


def _text(service: str) -> str:
    api = import_module(f"{package(service)}.app").api
    return orjson.dumps(document(api), option=orjson.OPT_INDENT_2).decode() + "\n"


def stale() -> list[str]:
    """The names of the documents that differ from the code."""
    return [path.name for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]


def main() -> None:
    """Command line entry point."""
    if "--check" not in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        for path, text in documents().items():
            path.write_text(text, "utf-8")
    elif old := stale():
        sys.exit(f"Run `make contracts`: {', '.join(old)} no longer agree with the code.")


if __name__ == "__main__":
    main()
