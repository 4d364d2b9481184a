"""A chat as one first writes it with aiohttp: every member's `send_str` awaited in turn."""

import asyncio

import uvloop
from aiohttp import WSMsgType, web

MEMBERS: set[web.WebSocketResponse] = set()


async def room(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    MEMBERS.add(socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                for member in tuple(MEMBERS):
                    await member.send_str(message.data)
    finally:
        MEMBERS.discard(socket)
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", room)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
