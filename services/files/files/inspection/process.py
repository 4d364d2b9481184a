"""Runs the inspection of one file in a process of its own, bounded in time, memory and writing."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from chassis.logging import get_logger
from files.inspection.findings import Finding, Refused

log = get_logger(__name__)

# What the interpreter needs; no address, no password.
_KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "MAGIC", "VIRTUAL_ENV")


def environment() -> dict[str, str]:
    """What the process is told."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


async def inspect(path: Path, content_type: str, thumbnail: Path, *, memory: int, seconds: int) -> bool:
    """Whether there is a thumbnail; raises Refused."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "files.inspection.child", str(path), content_type, str(thumbnail), str(memory),
        str(seconds),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=environment(),
        cwd=path.parent,
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            answer, complaint = await process.communicate()
    except TimeoutError:
        raise Refused(Finding.TOO_COMPLEX) from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _judge(answer.decode().strip(), process.returncode, complaint)


def _judge(answer: str, status: int | None, complaint: bytes) -> bool:
    if status == 0 and answer in ("ok", "thumbnail"):
        return answer == "thumbnail"
    if status == 0 and answer in set(Finding):
        raise Refused(Finding(answer))
    log.warning("inspection_died", status=status, complaint=complaint[-500:].decode(errors="replace"))
    raise Refused(Finding.TOO_COMPLEX)
