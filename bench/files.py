"""What an upload and a download cost: `python -m bench.files [--state …]`, with auth, files and the gateway up.

CPU of the gateway and the files service's web process for each file, against the CPU that the bare object store spends
when the same bytes are sent to it and read from it directly. The inspector is a line of its own.
"""

import argparse
import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from statistics import median
from typing import Any

import aiohttp
import orjson

from bench.table import Line, tell
from bench.usage import measure
from dev.gateway_client import Api, trust
from dev.stack import Stack

MIB = 1024 * 1024
JSON = {"Content-Type": "application/json"}
AT_ONCE = 4
TURNS = 3
TARGET = "≤ 1.2 × bare store"
Work = Callable[[int], Awaitable[None]]


@dataclass(slots=True)
class Bench:
    """A signed-in account, and the store past the gateway."""

    stack: Stack
    api: Api
    http: aiohttp.ClientSession
    store: str

    async def begin(self, data: bytes) -> Any:
        """Permission for a text."""
        document = {
            "name": "bench.txt",
            "size": len(data),
            "content_type": "text/plain",
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        answer = await self.api.call("POST", "/api/files/uploads", lambda: orjson.dumps(document), JSON)
        return answer.data

    async def post(self, origin: str, form: Any, data: bytes) -> None:
        """The form, to the gateway or to the store."""
        body = aiohttp.FormData()
        for name, value in form["fields"].items():
            body.add_field(name, value)
        body.add_field("file", data, filename="blob")
        async with self.http.post(origin + form["url"], data=body) as answer:
            assert answer.status < 300, await answer.text()

    async def upload(self, data: bytes) -> str:
        """Through the gateway, the verdict included; the file's id."""
        begun = await self.begin(data)
        await self.post(self.stack.url, begun["form"], data)
        return await self.complete(begun["file"]["file_id"])

    async def complete(self, file_id: str) -> str:
        """Until there is a verdict."""
        while True:
            answer = await self.api.call("POST", f"/api/files/uploads/{file_id}/complete")
            if answer.data["status"] != "checking":
                assert answer.data["status"] == "ready", answer.data
                return file_id

    async def direct(self, begun: Any, data: bytes) -> None:
        """The same form, straight to the store."""
        form = begun["form"] | {"url": begun["form"]["url"].removeprefix("/blobs")}
        await self.post(self.store, form, data)

    async def download(self, file_id: str) -> None:
        """Through the gateway."""
        headers = {"Authorization": f"Bearer {self.api.token}"}
        async with self.http.get(f"{self.stack.url}/api/files/files/{file_id}/content", headers=headers) as answer:
            assert answer.status == 200
            await answer.read()

    async def read(self, url: str) -> None:
        """Straight from the store."""
        async with self.http.get(url) as answer:
            assert answer.status == 200
            await answer.read()

    async def cost(self, count: int, work: Work) -> dict[str, float]:
        """CPU milliseconds of each program for one piece of work."""
        before = measure(self.stack)
        queue = list(range(count))

        async def worker() -> None:
            while queue:
                await work(queue.pop())

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        after = measure(self.stack)
        return {name: 1000 * (use.cpu - before[name].cpu) / count for name, use in after.items()}


async def lines(stack: Stack, count: int) -> list[Line]:
    """Uploads and downloads of a small and of a large file."""
    found: list[Line] = []
    for size in (MIB, 16 * MIB):
        async with AsyncExitStack() as opened:
            bench = await _bench(stack, opened)
            found += await _uploads(bench, size, count)
            found.append(await _downloads(bench, size, count * 8))
    return found


async def _bench(stack: Stack, opened: AsyncExitStack) -> Bench:
    """An account of its own, as an account may begin only so many uploads a minute."""
    tls = trust(Path(stack.description()["ca_file"]), insecure=False)
    name = token_hex(6)
    api = await opened.enter_async_context(Api(stack.url, f"admin@{name}.example", "correct-horse-battery-4071", tls))
    await api.register(f"Bench {name}", "Ada Admin")
    await api.login()
    http = await opened.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)))
    return Bench(stack, api, http, stack.description()["services"]["files"]["S3_ENDPOINT"])


async def _uploads(bench: Bench, size: int, count: int) -> list[Line]:
    texts = [_text(size) for _ in range(2 * count)]
    begun = [await bench.begin(data) for data in texts[:count]]
    bare = await bench.cost(count, lambda number: bench.direct(begun[number], texts[number]))

    async def upload(number: int) -> None:
        await bench.upload(texts[count + number])

    ours = await bench.cost(count, upload)
    spent, peer = ours["gateway"] + ours["files-web"], bare["s3"]
    work = f"upload of {size // MIB} MiB"
    peers = {"bare store": peer, "gateway's share": ours["gateway"], "files' share": ours["files-web"]}
    return [
        Line(f"{work}: gateway + files", "ms CPU", spent, peers, TARGET, spent <= 1.2 * peer),
        Line(f"{work}: inspector's own process, off the path", "ms CPU", ours["files-worker"], {"bare store": peer}),
    ]


async def _downloads(bench: Bench, size: int, count: int) -> Line:
    file_id = await bench.upload(_text(size))
    location = await _location(bench, file_id)
    works: tuple[Work, Work] = (lambda _: bench.read(location), lambda _: bench.download(file_id))
    for work in works:
        await bench.cost(2 * AT_ONCE, work)
    # In turn, as what the bare store spends differs from one run to the next by as much as half.
    turns: list[list[dict[str, float]]] = []
    for _ in range(TURNS):
        # With a token of its own, as the gateway lets each ask only so often.
        await bench.api.login()
        turns.append([await bench.cost(count, work) for work in works])
    peer, gateway, files = (
        median(turn[side][name] for turn in turns) for side, name in ((0, "s3"), (1, "gateway"), (1, "files-web"))
    )
    spent = gateway + files
    peers = {"bare store": peer, "gateway's share": gateway, "files' share": files}
    return Line(f"download of {size // MIB} MiB: gateway + files", "ms CPU", spent, peers, TARGET, spent <= 1.2 * peer)


async def _location(bench: Bench, file_id: str) -> str:
    """Where the store has it: what the service tells the gateway, asked for past the gateway."""
    port = bench.stack.plan().ports["files-web"]
    url = f"http://127.0.0.1:{port}/api/files/files/{file_id}/content"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {bench.api.token}"}) as answer:
        return bench.store + answer.headers["X-Accel-Redirect"].removeprefix("/_s3")


def _text(size: int) -> bytes:
    """Text that compresses badly, as files do."""
    return os.urandom(size // 2).hex().encode()


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".homeroom-test"))
    parser.add_argument("--count", type=int, default=14, help="uploads of each size; eight times as many downloads")
    options = parser.parse_args()
    tell("files", asyncio.run(lines(Stack(options.state, restart=False), options.count)))


if __name__ == "__main__":
    main()
