"""Docs are tested: what exists is documented, and what is documented exists (datasette's habit)."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from chassis.config import Config
from chassis.contracts import Contracts
from dev import services
from dev.layout import ROOT

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PLACE = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
MODULE = re.compile(r"\bpython3? -m ([\w.]+)")


def text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def pages() -> list[Path]:
    """Every page of documentation in the repository."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md")]
    return found + [ROOT / folder / "README.md" for folder in ("contracts", "gateway/nginx", "k8s", "web")]


def test_the_readme_shows_its_two_commands() -> None:
    assert {"make up", "make test"} <= set(re.findall(r"^make \w+", text("README.md"), re.MULTILINE))


def test_every_make_target_says_what_it_does() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", text("Makefile"), re.MULTILINE)
    silent = {name for name, rest in targets if "##" not in rest}
    assert silent == {"bootstrap"}


def test_every_make_target_named_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text("Makefile"), re.MULTILINE))
    named = {name for page in pages() for name in re.findall(r"`make ([a-z-]+)", page.read_text("utf-8"))}
    assert named - targets == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    places = PLACE.findall(page.read_text("utf-8"))
    broken = [
        f"{name}#{place}" for name, place in places if place not in headings(page.parent / name if name else page)
    ]
    assert broken == []


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_runs_is_a_program(page: Path) -> None:
    missing = {name for name in MODULE.findall(page.read_text("utf-8")) if not is_program(name)}
    assert missing == set()


def is_program(name: str) -> bool:
    found = find_spec(name)
    return found is not None and (found.submodule_search_locations is None or find_spec(f"{name}.__main__") is not None)


def test_every_page_of_docs_is_in_its_index() -> None:
    index = text("docs/README.md")
    missing = [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name not in index and page.name != "README.md"
    ]
    assert missing == []
    decisions = text("docs/adr/README.md")
    assert [page.name for page in (ROOT / "docs/adr").glob("0*.md") if page.name not in decisions] == []


@pytest.mark.parametrize("service", services.NAMES)
def test_every_setting_of_a_service_is_documented(service: str) -> None:
    config = import_module(f"{services.package(service)}.config").Config
    own = {name.upper() for name in config.model_fields} - {name.upper() for name in Config.model_fields}
    readme = text(f"services/{service}/README.md")
    assert {name for name in own if name not in readme} == set()


def test_every_common_setting_is_documented() -> None:
    page = text("docs/settings.md")
    assert {name for name in Config.model_fields if f"`{name.upper()}`" not in page} == set()


@pytest.mark.parametrize("service", services.NAMES)
def test_every_event_a_service_publishes_is_in_its_readme(service: str) -> None:
    contracts, readme = Contracts.load(ROOT / "contracts"), text(f"services/{service}/README.md")
    names = {name.rsplit(".", 1)[0] for name, kind in contracts.types.items() if kind.owner == service}
    assert {name for name in names if not says(readme, *name.rsplit("-", 1))} == set()


def says(readme: str, subject: str, verb: str) -> bool:
    """Events of one subject may stand in one row: `classroom.topic-created`, `-updated`."""
    return f"{subject}-{verb}" in readme or (f"{subject}-" in readme and f"`-{verb}`" in readme)
