"""A lecture's transcript, sent page by page as it is read: a long lecture is never in memory."""

from collections.abc import AsyncIterator
from datetime import datetime

import orjson
from aiohttp import web

from chassis.db import Executor, Row
from lecture_chat.entries.encoding import Numbered
from lecture_chat.entries.views import entries_after

_PAGE = 500


async def _pages(db: Executor, lecture: Row) -> AsyncIterator[list[Numbered]]:
    """Up to what was the newest when the reading began."""
    since = 0
    while since < lecture["head_seq"] and (page := await entries_after(db, lecture["lecture_id"], since, _PAGE)):
        yield [entry for entry in page if entry.seq <= lecture["head_seq"]]
        since = page[-1].seq


async def _begun(request: web.Request, lecture: Row, kind: str, ending: str) -> web.StreamResponse:
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="lecture-{lecture["opened_at"]:%Y-%m-%d}.{ending}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    return response


async def write_json(request: web.Request, db: Executor, lecture: Row) -> web.StreamResponse:
    """The shape of `History`."""
    response = await _begun(request, lecture, "application/json", "json")
    await response.write(b'{"head_seq":%d,"items":[' % lecture["head_seq"])
    between = b""
    async for page in _pages(db, lecture):
        await response.write(between + b",".join(entry.json for entry in page))
        between = b","
    await response.write(b"]}")
    return response


async def write_text(request: web.Request, db: Executor, lecture: Row) -> web.StreamResponse:
    """One line a message: time in UTC, name, text; further lines of a text are indented."""
    response = await _begun(request, lecture, "text/plain; charset=utf-8", "txt")
    await response.write(f"{lecture['title']}, {lecture['opened_at']:%Y-%m-%d %H:%M} UTC\n\n".encode())
    async for page in _pages(db, lecture):
        await response.write("".join(map(_line, page)).encode())
    return response


def _line(entry: Numbered) -> str:
    told = orjson.loads(entry.json)
    if told["type"] != "message" or told.get("deleted"):
        return ""
    at = datetime.fromisoformat(told["at"])
    files = "".join(f"\n[{file['name']}]" for file in told["files"])
    # Whatever an editor takes for the end of a line: nothing said looks like somebody else's line.
    text = "\n    ".join((told["body"] + files).splitlines())
    name = " ".join(told["author"]["name"].splitlines())
    return f"[{at:%H:%M:%S}] {name}: {text}\n"
