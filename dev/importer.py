"""Brings a OneRoster package in through the public API: `make import PACKAGE=…`.

Registers a school if need be, imports the package into auth and then classroom, waits until grading's
figures are complete, and compares them with a direct computation from the package.
"""

import argparse
import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from chassis.oneroster import CLASSROOM_FILES, BrokenPackage, Org, Package, validate
from dev.gateway_client import Api, ApiError, trust
from dev.layout import ROOT
from dev.roster_figures import Figures, figures, quiz_list
from dev.tls import authority_file

PASSWORD = "homeroom-import-2026"
TOLERANCE = Decimal("0.000001")
_DONE = {"done", "failed"}
Key = tuple[str, str]
Say = Callable[[str], None]


class ImportFailed(Exception):
    """The import did not end as it must."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the package says: the school and each (teacher, classroom)'s results and average."""

    school: Org
    figures: Figures

    def results(self) -> dict[Key, int]:
        """The number of quiz results by teacher and classroom."""
        return {
            (teacher.name, classroom.title): classroom.quizzes.results
            for teacher in self.figures.teachers
            for classroom in teacher.classrooms
        }


@dataclass(slots=True)
class Stages:
    """Names and seconds of what was done."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started
        self.say(f"{name}: {self.seconds[name]:.1f} s")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The API's figures beside the package's: printable lines and the largest difference."""

    lines: list[str]
    largest: Decimal
    missing: list[str]

    @property
    def equal(self) -> bool:
        """Whether all figures are there and agree to a millionth."""
        return not self.missing and self.largest <= TOLERANCE


def expected_of(path: Path, quizzes: set[str]) -> Expected:
    """Validate the package here and compute its figures."""
    report = validate(path, CLASSROOM_FILES)
    if not report.ok or report.school is None:
        raise BrokenPackage(report.problems)
    with Package(path) as package:
        return Expected(report.school, figures(package, quizzes))


async def sign_in(api: Api, school: str, say: Say) -> None:
    """Sign in, after registering the school if the account is not known."""
    if await api.login():
        return
    say(f"registering school {school!r} with admin {api.email}")
    try:
        await api.register(school, "Administrator")
    except ApiError as error:
        if error.status != 409:  # 409: an earlier try got through although its answer did not
            raise
    if not await api.login():
        raise ImportFailed(f"{api.email} exists, but with another password")


async def run_job(api: Api, service: str, package: Path, quizzes: set[str], say: Say, *, dry: bool) -> Any:
    """Upload the package to a service and wait for its job; the finished job."""
    path = f"/api/{service}/rosters" + ("?dry_run=true" if dry else "")
    content = await asyncio.to_thread(package.read_bytes)

    def form() -> aiohttp.FormData:
        data = aiohttp.FormData()
        if quizzes:
            data.add_field("quiz_categories", ",".join(sorted(quizzes)))
        data.add_field("package", content, filename=package.name, content_type="application/zip")
        return data

    answer = await api.call("POST", path, form, {"Idempotency-Key": str(uuid.uuid4())})
    location = answer.headers.get("Location") or f"/api/{service}/rosters/{answer.data['id']}"
    job = await _finished(api, urlsplit(location).path, say)
    if job["status"] == "failed":
        raise ImportFailed(f"{service}: the job failed\n" + "\n".join(_problems(job)))
    return job


async def _finished(api: Api, location: str, say: Say) -> Any:
    shown = ""
    while True:
        job = await api.get(location)
        progress = ", ".join(f"{name} {at['done']}/{at['total']}" for name, at in (job["progress"] or {}).items())
        if (now := f"  {job['status']} {progress}".rstrip()) != shown:
            say(shown := now)
        if job["status"] in _DONE:
            return job
        await asyncio.sleep(0.5)


def _problems(job: Any) -> Iterator[str]:
    for problem in job["problems"]:
        place = ":".join(str(problem[name]) for name in ("file", "line", "field") if problem[name] is not None)
        yield f"  {place}: {problem['message']} ({problem['code']})"


def _changes(job: Any) -> Iterator[str]:
    for kind, change in job["changes"].items():
        yield f"  {change['count']} {kind}"


async def _teachers(api: Api) -> list[Any]:
    items: list[Any] = []
    path = "/api/grading/teachers?limit=200"
    cursor: str | None = ""
    while cursor is not None:
        page = await api.get(path + (f"&cursor={cursor}" if cursor else ""))
        items += page["items"]
        cursor = page["next_cursor"]
    return items


async def complete_figures(api: Api, expected: Expected, patience: float) -> list[Any]:
    """Wait until grading has counted every quiz result of the package, and nothing changes any more."""
    wanted, give_up = expected.results(), time.monotonic() + patience
    before: list[Any] = []
    while True:
        now = await _teachers(api)
        if now == before and _counted(now).items() >= wanted.items():
            return now
        if time.monotonic() > give_up:
            return now
        before = now
        await asyncio.sleep(0.5)


def _counted(teachers: list[Any]) -> dict[Key, int]:
    return {(t["name"], c["title"]): int(c["results"]) for t in teachers for c in t["classrooms"]}


def compare(teachers: list[Any], expected: Figures) -> Comparison:
    """Lay the API's quiz averages beside those computed from the package."""
    served: dict[Key, Any] = {(t["name"], ""): t for t in teachers}
    served |= {(t["name"], c["title"]): c for t in teachers for c in t["classrooms"]}
    lines, missing, largest = [], [], Decimal(0)
    for teacher in expected.teachers:
        entries = [("", teacher.quizzes), *((c.title, c.quizzes) for c in teacher.classrooms)]
        for title, mean in entries:
            label = f"  {title}" if title else teacher.name
            found = served.get((teacher.name, title))
            average = _average(found)
            if found is None or found["results"] != mean.results or (average is None) != (mean.average is None):
                missing.append(f"{teacher.name} {title}".strip())
            if average is not None and mean.average is not None:
                largest = max(largest, abs(average - mean.average))
            lines.append(f"{label:<40} {_text(average):>16} {_text(mean.average):>16} {mean.results:>8}")
    return Comparison(lines, largest, missing)


def _average(found: Any) -> Decimal | None:
    return None if found is None or found["quiz_average"] is None else Decimal(found["quiz_average"])


def _text(average: Decimal | None) -> str:
    return "–" if average is None else f"{average:.8f}"


async def run(options: argparse.Namespace, say: Say) -> Comparison:
    """Import the package and compare; raises `ImportFailed`, `ApiError` or `BrokenPackage`."""
    stages, quizzes = Stages(say), options.quiz_categories
    with stages.stage("computed from the package"):
        expected = await asyncio.to_thread(expected_of, options.package, quizzes)
    school = options.school or expected.school.name
    email = options.email or default_email(expected.school)
    tls = trust(options.ca if options.ca.exists() else None, insecure=options.insecure)
    async with Api(options.url, email, options.password, tls, options.patience) as api:
        with stages.stage("signed in"):
            await sign_in(api, school, say)
        for service in ("auth", "classroom"):
            with stages.stage(f"imported into {service}"):
                job = await run_job(api, service, options.package, quizzes, say, dry=options.dry_run)
            for line in _changes(job):
                say(line)
        if options.dry_run:
            return Comparison([], Decimal(0), [])
        with stages.stage("figures complete in grading"):
            teachers = await complete_figures(api, expected, options.patience)
    say(f"all: {sum(stages.seconds.values()):.1f} s; admin {email}, password {options.password}")
    return compare(teachers, expected.figures)


def default_email(school: Org) -> str:
    """An admin's address for a school: always the same for the same sourcedId."""
    return f"admin-{hashlib.sha256(school.sourced_id.encode()).hexdigest()[:8]}@homeroom.example"


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(prog="python -m dev.importer", description=__doc__)
    found.add_argument("package", type=Path)
    found.add_argument("--url", default="https://localhost:8443")
    found.add_argument("--quiz-categories", type=quiz_list, default=set(), metavar="ID,ID")
    found.add_argument("--school", help="the school's name (default: the package's)")
    found.add_argument("--email", help="the admin's address (default: one made from the package's school)")
    found.add_argument("--password", default=PASSWORD)
    found.add_argument("--ca", type=Path, default=authority_file(ROOT / ".homeroom" / "tls"))
    found.add_argument("--insecure", action="store_true", help="do not check the gateway's certificate")
    found.add_argument("--dry-run", action="store_true", help="only list what would change")
    found.add_argument("--patience", type=float, default=600.0, help="seconds a service may be away")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 if the figures agree."""
    options = parser().parse_args(arguments)
    try:
        comparison = asyncio.run(run(options, print))
    except (ImportFailed, ApiError, OSError, aiohttp.ClientError) as error:
        print(error)
        return 1
    except BrokenPackage as broken:
        for problem in broken.problems:
            print(f"{problem.file}:{problem.line}:{problem.field}: {problem.message} ({problem.code})")
        return 1
    if not options.dry_run:
        print(f"{'quiz averages':<40} {'Homeroom':>16} {'package':>16} {'results':>8}")
        print("\n".join(comparison.lines))
        print(f"largest difference {comparison.largest:.3g}")
    if comparison.missing:
        print("not equal or missing: " + "; ".join(comparison.missing))
    return 0 if comparison.equal else 1


if __name__ == "__main__":
    raise SystemExit(main())
