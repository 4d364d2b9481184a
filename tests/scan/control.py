"""The scanner's own control: a service that pastes what it is told into its SQL must be found out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import psycopg2
from aiohttp import web

from dev.stack import Stack
from tests.scan.calls import ANONYMOUS, Call
from tests.scan.scanners import sqlmap

PATIENCE_SECONDS = 240


async def prove(stack: Stack, folder: Path) -> None:
    """Raises RuntimeError when sqlmap does not find what is wrong with it."""
    call = Call("broken", "post", "/things/{thing_id}", ANONYMOUS, {"thing_id": "1"}, {}, {"name": "postgres"})
    async with _broken(stack) as origin:
        found = await sqlmap([call], {ANONYMOUS: origin}, folder, 1, PATIENCE_SECONDS)
    if not found.findings:
        raise RuntimeError(f"sqlmap finds nothing where there is something: see {folder}")
    print("sqlmap finds the control's injection", flush=True)


@asynccontextmanager
async def _broken(stack: Stack) -> AsyncIterator[str]:
    url = stack.description()["admin_database_url"]

    def look(name: str) -> list[str]:
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT usename::text FROM pg_user WHERE usename = '{name}'")
            return [row[0] for row in cursor.fetchall()]

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await asyncio.to_thread(look, (await request.json())["name"]))
        except psycopg2.Error as error:
            return web.Response(status=500, text=str(error))

    app = web.Application()
    app.router.add_post("/api/broken/things/{thing_id}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
