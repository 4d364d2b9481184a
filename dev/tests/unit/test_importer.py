"""The import command against a stand-in for the gateway that fails as services do."""

import argparse
import base64
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chassis.oneroster import Package
from chassis.oneroster.testing import valid_parts
from dev.importer import ImportFailed, compare, main, parser, run
from dev.roster_figures import Figures, figures
from dev.sample_roster import sample_package


def quiet(_: str) -> None:
    """Say nothing."""


def token(seconds: float) -> str:
    claims = base64.urlsafe_b64encode(orjson.dumps({"exp": int(time.time() + seconds)})).decode().rstrip("=")
    return f"x.{claims}.x"


@dataclass
class FakeGateway:
    """Answers as the API does; each kind of request first fails once."""

    expected: Figures
    off_by: Decimal = Decimal(0)
    status: str = "done"
    registered: bool = False
    failed: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    logins: int = 0
    refreshes: int = 0
    polls: int = 0

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self.fail_first])
        app.add_routes([
            web.post("/api/auth/schools", self.register),
            web.post("/api/auth/login", self.login),
            web.post("/api/auth/refresh", self.refresh),
            web.post("/api/{service}/rosters", self.start),
            web.get("/api/{service}/rosters/{id}", self.job),
            web.get("/api/grading/teachers", self.teachers),
        ])  # fmt: skip
        return app

    @web.middleware
    async def fail_first(self, request: web.Request, handler: Any) -> web.StreamResponse:
        name = f"{request.method} {request.path}"
        if name in self.failed:
            response: web.StreamResponse = await handler(request)
            return response
        self.failed.add(name)
        if "rosters" in name and request.method == "POST":
            self.keys.append(request.headers["Idempotency-Key"])
            await request.read()
        if len(self.failed) % 3 == 0:
            assert request.transport
            request.transport.close()
        return web.json_response({}, status=503 if len(self.failed) % 3 == 1 else 429, headers={"Retry-After": "0"})

    async def register(self, request: web.Request) -> web.Response:
        self.registered = True
        return web.json_response(await request.json(), status=201)

    async def login(self, _: web.Request) -> web.Response:
        self.logins += 1
        if not self.registered:
            return web.json_response({"code": "unauthenticated"}, status=401)
        return web.json_response({"access_token": token(30)})

    async def refresh(self, _: web.Request) -> web.Response:
        self.refreshes += 1
        return web.json_response({"access_token": token(600)})

    async def start(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        form = await request.post()
        package = form["package"]
        assert isinstance(package, web.FileField)
        assert request.headers["Authorization"].startswith("Bearer ")
        self.forms.append({"query": request.query_string, "quizzes": str(form.get("quiz_categories", ""))})
        return web.json_response({"id": "7"}, status=202, headers={"Location": f"{request.path}/7"})

    async def job(self, _: web.Request) -> web.Response:
        self.polls += 1
        status = self.status if self.polls % 2 == 0 else "applying"
        problem = {"file": "users.csv", "line": 3, "field": "email", "code": "bad-value", "message": "no address"}
        found = {"problems": [problem], "changes": {"account-created": {"count": 4, "first": []}}, "notes": []}
        return web.json_response({"status": status, "progress": {"users": {"done": 1, "total": 2}}, **found})

    async def teachers(self, request: web.Request) -> web.Response:
        self.polls += 1
        items = served(self.expected, self.off_by)
        if self.polls < 8:
            items[0]["classrooms"][0]["results"] -= 1
        at = int(request.query.get("cursor", 0))
        cursor = str(at + 1) if at + 1 < len(items) else None
        return web.json_response({"items": items[at : at + 1], "next_cursor": cursor})


def served(expected: Figures, off_by: Decimal) -> list[dict[str, Any]]:
    def one(mean: Any) -> dict[str, Any]:
        average = None if mean.average is None else str(mean.average + off_by)
        return {"results": mean.results, "quiz_average": average}

    return [
        {"teacher_id": t.source_id, "name": t.name, **one(t.quizzes)}
        | {"classrooms": [{"classroom_id": c.source_id, "title": c.title, **one(c.quizzes)} for c in t.classrooms]}
        for t in expected.teachers
    ]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "school.zip"
    path.write_bytes(sample_package())
    return path


@pytest.fixture
def expected(package: Path) -> Figures:
    with Package(package) as opened:
        return figures(opened)


@pytest.fixture
async def gateway(expected: Figures) -> AsyncIterator[tuple[FakeGateway, str]]:
    fake = FakeGateway(expected)
    async with TestServer(fake.application()) as server:
        yield fake, str(server.make_url("/")).rstrip("/")


def options(package: Path, url: str, *more: str) -> argparse.Namespace:
    return parser().parse_args([str(package), "--url", url, "--patience", "20", *more])


async def test_the_import_survives_failures_and_agrees(gateway: tuple[FakeGateway, str], package: Path) -> None:
    fake, url = gateway
    said: list[str] = []
    comparison = await run(options(package, url, "--quiz-categories", "cat-quiz,cat-final"), said.append)
    assert comparison.equal
    assert len(comparison.lines) == 3 + 5
    assert fake.registered
    assert fake.refreshes >= 1
    first, again, second, once_more = fake.keys
    assert (first, second) == (again, once_more)
    assert first != second
    assert fake.forms == [{"query": "", "quizzes": "cat-final,cat-quiz"}] * 2
    assert any(line.startswith("figures complete in grading") for line in said)


async def test_a_dry_run_reads_no_figures(gateway: tuple[FakeGateway, str], package: Path) -> None:
    fake, url = gateway
    assert (await run(options(package, url, "--dry-run"), quiet)).lines == []
    assert [form["query"] for form in fake.forms] == ["dry_run=true"] * 2


async def test_a_failed_job_ends_the_import_with_its_problems(gateway: tuple[FakeGateway, str], package: Path) -> None:
    fake, url = gateway
    fake.status = "failed"
    with pytest.raises(ImportFailed, match=r"users.csv:3:email: no address"):
        await run(options(package, url), quiet)


async def test_a_wrong_figure_is_seen(gateway: tuple[FakeGateway, str], package: Path) -> None:
    fake, url = gateway
    fake.off_by = Decimal("0.00001")
    comparison = await run(options(package, url), quiet)
    assert not comparison.equal
    assert comparison.largest == Decimal("0.00001")


def test_a_missing_teacher_is_seen(expected: Figures) -> None:
    comparison = compare(served(expected, Decimal(0))[1:], expected)
    assert comparison.missing[0] == expected.teachers[0].name


def test_a_broken_package_is_not_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(valid_parts().value("users.csv", 2, "email", "x").zipped())
    assert main([str(path), "--url", "http://127.0.0.1:9"]) == 1
    assert "users.csv:2:email:" in capsys.readouterr().out
