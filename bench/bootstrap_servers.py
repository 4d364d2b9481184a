"""Whom `bench.bootstrap` measures: `python -m bench.bootstrap_servers NAME`, one web process that prints its port.

`ours` is the classroom service as its environment says; `memory` is the least that aiohttp takes, the same answer from
memory for anybody; `naive` does what is usual: verifies the token with PyJWT and asks Redis, for each request.
"""

import asyncio
import os
import socket
import sys

import aiohttp
import jwt
import redis.asyncio
import uvloop
from aiohttp import web

from chassis import garbage
from chassis.identity import ALGORITHMS
from classroom.app import build
from classroom.config import Config

PATH = "/api/classroom/bootstrap"


def memory(body: bytes) -> web.Application:
    """Answers `body` to everybody."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get(PATH, answer)
    return app


async def naive(key: str) -> web.Application:
    """Answers what Redis has under `key` to who has a token."""
    store = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
    async with aiohttp.ClientSession() as session, session.get(os.environ["JWKS_URL"]) as response:
        public = jwt.PyJWK((await response.json())["keys"][0])

    async def answer(request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        jwt.decode(token, public, algorithms=ALGORITHMS, audience="homeroom", issuer="https://homeroom")
        return web.Response(body=await store.get(key), content_type="application/json")

    app = web.Application()
    app.router.add_get(PATH, answer)
    return app


async def _app(name: str) -> web.Application:
    if name == "ours":
        return build(Config.load(os.environ))
    if name == "memory":
        store = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
        body = await store.get(os.environ["BENCH_KEY"])
        assert isinstance(body, bytes)
        return memory(body)
    return await naive(os.environ["BENCH_KEY"])


async def main() -> None:
    """Serve until killed."""
    runner = web.AppRunner(await _app(sys.argv[1]), access_log=None)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await web.SockSite(runner, listening).start()
    # As every service runs.
    garbage.collect_less()
    print(listening.getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
