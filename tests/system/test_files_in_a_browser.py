"""What people upload, opened in a real browser by who may read it: nothing in it runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from files import samples
from tests.system import browser
from tests.system.browser import Page
from tests.system.people import Person, School
from tests.system.test_files import upload

pytestmark = pytest.mark.skipif(browser.program() is None, reason="there is no Chromium")

SCRIPT = b"<script>document.title = 'ran'</script>"
HTML = b"<!doctype html><html><body onload=\"document.title='ran'\">" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
TAKEN = (
    ("page.txt", HTML, "text/plain"),
    ("picture.txt", SVG, "text/plain"),
    ("table.csv", HTML, "text/csv"),
    ("tail.png", samples.picture() + HTML, "image/png"),
    ("tail.pdf", samples.pdf() + HTML, "application/pdf"),
)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """A browser of the test's own."""
    async with browser.opened(tmp_path / "profile") as opened:
        yield opened


async def ran(page: Page, person: Person, file_id: str, disposition: str) -> bool:
    """Whether a script of the file has run."""
    url = f"{person.url}/api/files/files/{file_id}/content?disposition={disposition}"
    failure = await page.visit(url, {"Authorization": f"Bearer {person.token}"})
    assert failure in {None, "net::ERR_ABORTED"}, "shown or saved, and nothing else"
    return bool(await page.value("document.title === 'ran'"))


async def test_nothing_in_a_file_runs(page: Page, school: School) -> None:
    """GUARANTEES 46: scripts in what may be uploaded are shown or saved, never run."""
    sam = await school.student()
    for name, data, content_type in TAKEN:
        file = await upload(sam, name, data, content_type)
        if file["status"] == "ready":
            for disposition in ("inline", "attachment"):
                assert not await ran(page, sam, file["file_id"], disposition), (name, disposition)
    assert (await upload(sam, "again.txt", HTML, "text/plain"))["status"] == "ready", "not all were refused"


async def test_the_browser_would_run_them(page: Page) -> None:
    """Control of GUARANTEES 46: the same bytes from a server that believes their names."""

    async def careless(request: web.Request) -> web.Response:
        types = {"html": "text/html", "svg": "image/svg+xml"}
        kind = request.match_info["kind"]
        return web.Response(body={"html": HTML, "svg": SVG}[kind], content_type=types[kind])

    app = web.Application()
    app.add_routes([web.get("/{kind}", careless)])
    async with TestServer(app) as server:
        for kind in ("html", "svg"):
            await page.visit(str(server.make_url(f"/{kind}")))
            assert await page.value("document.title") == "ran"
