"""The store away, slow or in error, the scanner away, inspectors that die (GUARANTEES 27, 30)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.testing import PATIENCE_SECONDS, Stack, eventually
from files import samples
from files.config import Config
from files.inspection import clamav, work
from files.inspection.findings import Refused
from files.storage import Storage
from files.testing import Actor

People = dict[str, Actor]
ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line:
    """A wire to the store that can be cut (`closed`), stopped (`silent`) or answered by trouble (`error`)."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._mode = "open"
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    def turn(self, mode: str) -> None:
        """From now on; connections made before are cut."""
        self._mode = mode
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._writers.append(writer)
        if self._mode == "open":
            onward, back = await asyncio.open_connection(*self._target)
            self._writers.append(back)
            await asyncio.gather(_pump(reader, back), _pump(onward, writer))
        elif self._mode == "error":
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ERROR)
        elif self._mode == "silent":
            await reader.read()
        writer.close()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


@asynccontextmanager
async def listening(serve: Any) -> AsyncIterator[int]:
    """A server on a free port."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def checking(sql: Any) -> bool:
    """Whether the file waits for an inspector."""
    return bool(sql("SELECT 1 FROM files WHERE status = 'checking'"))


@pytest.fixture
async def line(stack: Stack) -> AsyncIterator[Line]:
    """A wire to the real store."""
    parts = urlsplit(stack.services["files"]["S3_ENDPOINT"])
    made = Line(parts.hostname or "", parts.port or 0)
    async with listening(made.serve) as made.port:
        yield made
        made.turn("closed")


@pytest.fixture
def environment(environment: dict[str, str], line: Line) -> dict[str, str]:
    """The store is reached over the wire."""
    return environment | {"S3_ENDPOINT": f"http://127.0.0.1:{line.port}"}


def wait_for_answers(storage: Storage, seconds: float) -> None:
    """Give the store so much time, from the next call on."""
    storage._client._http.clear()
    storage._client._http.connection_pool_kw["timeout"] = urllib3.Timeout(seconds)


@pytest.mark.parametrize("trouble", ["closed", "silent", "error"])
async def test_trouble_with_the_store_is_told_and_passes(
    people: People, database: Database, storage: Storage, settings: Config, line: Line, trouble: str, sql: Any
) -> None:
    """GUARANTEES 30: 503 with Retry-After, no file stuck, no row without its bytes; what was begun goes on."""
    sam, data = people["sam"], samples.picture()
    line.turn(trouble)
    wait_for_answers(storage, 0.5)
    status, begun = await sam.begin("a.png", data, "image/png")
    assert status == 201
    path = f"/uploads/{begun['file']['file_id']}/complete"
    async with sam.client.post(f"/api/files{path}", headers=sam.caller.headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (503, "storage_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    line.turn("open")
    wait_for_answers(storage, PATIENCE_SECONDS)
    assert await sam.post(begun["form"], data) < 300
    waiting = asyncio.create_task(sam.complete(begun["file"]["file_id"]))
    await eventually(lambda: checking(sql))
    line.turn(trouble)
    wait_for_answers(storage, 0.5)
    with pytest.raises(Unavailable):
        await work.inspect_waiting(database, storage, settings)
    assert sql("SELECT status, claimed_until > now() FROM files") == [("checking", True)]
    line.turn("open")
    wait_for_answers(storage, PATIENCE_SECONDS)
    sql("UPDATE files SET claimed_until = now() - interval '1 second'")
    await work.inspect_waiting(database, storage, settings)
    assert (await waiting)["status"] == "ready"


@pytest.mark.parametrize("moment", ["before the thumbnail", "after the thumbnail", "after the commit"])
async def test_an_inspector_that_dies_leaves_its_file_to_the_next(
    people: People, database: Database, storage: Storage, settings: Config, sql: Any, moment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """GUARANTEES 27: between the store and the commit, in both orders."""
    sam, data = people["sam"], samples.picture()
    _, begun = await sam.begin("a.png", data, "image/png")
    await sam.post(begun["form"], data)
    completing = asyncio.create_task(sam.complete(begun["file"]["file_id"]))
    await eventually(lambda: checking(sql))
    with monkeypatch.context() as patch:
        _die(patch, database, moment)
        with pytest.raises(KeyboardInterrupt):
            await work.inspect_waiting(database, storage, settings)
    expected = "ready" if moment == "after the commit" else "checking"
    assert sql("SELECT status FROM files") == [(expected,)]
    sql("UPDATE files SET claimed_until = now() - interval '1 second'")
    await work.inspect_waiting(database, storage, settings)
    assert (await completing)["status"] == "ready"
    assert (await sam.read(begun["file"]["file_id"]))[2] == data
    assert (await sam.read(begun["file"]["file_id"], "thumbnail"))[2]
    assert sql("SELECT count(*) FROM outbox") == [(1,)]


def _die(patch: pytest.MonkeyPatch, database: Database, moment: str) -> None:
    stored, executed = Storage.store, type(database).execute

    async def store(*arguments: Any) -> None:
        if moment == "after the thumbnail":
            await stored(*arguments)
        if moment != "after the commit":
            raise KeyboardInterrupt
        await stored(*arguments)

    async def execute(self: Database, query: str, /, **params: Any) -> int:
        count = await executed(self, query, **params)
        if query == "accept_file":
            raise KeyboardInterrupt
        return count

    patch.setattr(Storage, "store", store)
    patch.setattr(type(database), "execute", execute)


async def scanner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What clamd does with `INSTREAM`: it knows one virus and takes no more than 10 MB."""
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    received = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        received += await reader.readexactly(size)
        if len(received) > 10_000_000:
            writer.write(b"INSTREAM size limit exceeded. ERROR\0")
            writer.close()
            return
    writer.write(b"stream: Eicar-Signature FOUND\0" if b"EICAR" in received else b"stream: OK\0")
    writer.close()


async def test_the_scanner_decides(tmp_path: Any) -> None:
    path = tmp_path / "file"
    async with listening(scanner) as port:
        url = f"tcp://127.0.0.1:{port}"
        path.write_bytes(b"harmless" * 100_000)
        await clamav.scan(url, path)
        path.write_bytes(b"X5O!P%@AP-STANDARD-EICAR-TEST")
        with pytest.raises(Refused):
            await clamav.scan(url, path)
        path.write_bytes(bytes(20_000_000))
        with pytest.raises(Refused, match="too_large_to_scan"):
            await clamav.scan(url, path)
    with pytest.raises(Unavailable):
        await clamav.scan(url, path)


async def test_an_infected_file_is_rejected_and_an_absent_scanner_is_waited_for(
    people: People, database: Database, storage: Storage, settings: Config, sql: Any
) -> None:
    sam, data = people["sam"], b"harmless, but for EICAR\n"
    _, begun = await sam.begin("a.txt", data, "text/plain")
    await sam.post(begun["form"], data)
    completing = asyncio.create_task(sam.complete(begun["file"]["file_id"]))
    await eventually(lambda: checking(sql))
    async with listening(scanner) as port:
        pass
    away = settings.model_copy(update={"clamav_url": f"tcp://127.0.0.1:{port}"})
    with pytest.raises(Unavailable):
        await work.inspect_waiting(database, storage, away)
    sql("UPDATE files SET claimed_until = now() - interval '1 second'")
    async with listening(scanner) as port:
        there = settings.model_copy(update={"clamav_url": f"tcp://127.0.0.1:{port}"})
        await work.inspect_waiting(database, storage, there)
    file = await completing
    assert (file["status"], file["reason"]) == ("rejected", "malware")
