"""ClamAV over its own protocol: `INSTREAM`, chunks with their length before them, one line back."""

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from chassis.errors import Unavailable
from files.inspection.findings import Finding, Refused

_CHUNK = 256 * 1024
_SECONDS = 120.0


async def scan(url: str, path: Path) -> None:
    """Raises Refused for a file in which something was found, Unavailable while the scanner cannot say."""
    try:
        async with asyncio.timeout(_SECONDS):
            verdict = await _ask(url, path)
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Unavailable("The virus scanner does not answer.", code="scanner_unavailable") from error
    if verdict.endswith("FOUND"):
        raise Refused(Finding.MALWARE)
    if "size limit exceeded" in verdict:
        raise Refused(Finding.TOO_LARGE_TO_SCAN)
    if not verdict.endswith("OK"):
        raise Unavailable(f"The virus scanner says: {verdict}", code="scanner_unavailable")


async def _ask(url: str, path: Path) -> str:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    # A scanner that has heard enough answers and hangs up while it is still being spoken to.
    answer = asyncio.create_task(reader.readuntil(b"\0"))
    try:
        with suppress(ConnectionError):
            await _send(writer, path)
        return (await answer).rstrip(b"\0").decode(errors="replace").strip()
    finally:
        answer.cancel()
        writer.close()


async def _send(writer: asyncio.StreamWriter, path: Path) -> None:
    writer.write(b"zINSTREAM\0")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            writer.write(len(chunk).to_bytes(4, "big") + chunk)
            await writer.drain()
    writer.write(bytes(4))
