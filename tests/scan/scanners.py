"""The three scanners, each in a process of its own: what they are told, and what they found."""

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dev import bootstrap
from dev.tools import Environment
from tests.scan.calls import Call

TOOLS = Environment("scan")
AT_ONCE = 4  # a stranger's id is waited for before it is refused
SQLMAP = ["--batch", "--flush-session", "--disable-coloring", "--dbms=PostgreSQL", "--risk=1", "--ignore-code=*"]
SQLMAP += ["--ignore-redirects", "--technique=BEUST", "--time-sec=2", "--timeout=20", "--retries=1"]
WAPITI = ["--flush-session", "--no-bugreport", "-f", "json", "-v", "1"]
INJECTED = "sqlmap identified the following injection point"
# Of the modules of wapiti all but those for the products of others, for guessing names of files, and those that
# wait for a call at a host outside (ssrf, xxe, log4shell).
MODULES = "cookieflags,crlf,csp,exec,file,http_headers,ldap,methods,permanentxss,redirect,sql,timesql,upload,xss"
PAGES = f"{MODULES},backup,csrf,htaccess,https_redirect,ssl"
OUTSIDE = "out of scope requests"
CUT_SHORT = re.compile(r"Max attack time was reached for module (\w+)")
SERIOUS = {"HIGH", "CRITICAL"}


@dataclass(slots=True)
class Found:
    """What one scanner asked and found."""

    tool: str
    version: str
    asked: str
    findings: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


async def run(command: Sequence[str], log: Path, seconds: float) -> bool:
    """Run one scanner, its words into `log`; False when its time was up."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=asyncio.subprocess.STDOUT)
        try:
            async with asyncio.timeout(seconds):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return False
    return True


async def version_of(*command: str) -> str:
    """The first version in what a program says of itself."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    found = re.search(r"\d+\.\d+(\.\d+)*", said.decode())
    return found[0] if found else ""


async def sqlmap(calls: Sequence[Call], origins: dict[str, str], folder: Path, level: int, seconds: float) -> Found:
    """Every parameter and every field of every call."""
    points = sum(call.points for call in calls)
    told = f"{len(calls)} operations, {points} parameters and fields, level {level}, risk 1"
    found = Found("sqlmap", await version_of(str(TOOLS.program("sqlmap")), "--version"), told)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, call: Call) -> None:
        async with gate:
            file, log = folder / f"{number:03}.request", folder / f"{number:03}.log"
            file.write_text(raw(call, origins[call.role]), "utf-8")
            given = ["-r", str(file), f"--level={level}", f"--output-dir={folder / 'out'}"]
            if not await run([str(TOOLS.program("sqlmap")), *SQLMAP, *given], log, seconds):
                found.unfinished.append(str(call))
            said = log.read_text("utf-8", errors="replace")
            if INJECTED in said:
                found.findings.append(f"{call}: {said.partition(INJECTED)[2][:500]}")
            elif "do not appear to be injectable" not in said and str(call) not in found.unfinished:
                found.unfinished.append(f"{call} ({said.strip().splitlines()[-1][:100]})")

    await asyncio.gather(*(one(number, call) for number, call in enumerate(calls)))
    return found


def raw(call: Call, origin: str) -> str:
    """The request as sqlmap reads it from a file; a star follows what it should try."""
    lines = [
        f"{call.method.upper()} {call.url('*')} HTTP/1.1",
        f"Host: {urlsplit(origin).netloc}",
        "Accept: application/json",
    ]
    if call.body is None:
        return "\r\n".join([*lines, "", ""])
    body = json.dumps(marked(call.body)).replace('"\\u0000', "").replace('*\\u0000"', "*")
    return "\r\n".join([*lines, "Content-Type: application/json", "", body])


def marked(body: Any) -> Any:
    """The body with a star after every string and number; a number stays one."""
    match body:
        case dict():
            return {key: marked(value) for key, value in body.items()}
        case list():
            return [marked(value) for value in body]
        case bool() | None:
            return body
        case str():
            return f"{body.replace('*', '')}*"
        case _:
            return f"\0{body}*\0"


async def wapiti_api(role: str, calls: Sequence[Call], origin: str, folder: Path, seconds: float) -> Found:
    """All calls of one role, told as a document whose only values are those that were accepted."""
    document = folder / f"{role}.openapi.json"
    document.write_text(json.dumps(described(calls, origin)), "utf-8")
    options = ["--swagger", str(document), "-u", f"{origin}/", "-d", "1"]
    return await _wapiti(f"{len(calls)} operations as {role}", options, MODULES, folder / role, seconds)


async def wapiti_pages(url: str, folder: Path, seconds: float) -> Found:
    """What a stranger's browser is given: the web app and the page of the API."""
    options = ["-u", f"{url}/", "-s", f"{url}/api/docs", "-d", "3"]
    return await _wapiti("the web app and /api/docs", options, PAGES, folder / "pages", seconds)


async def _wapiti(asked: str, options: Sequence[str], modules: str, place: Path, seconds: float) -> Found:
    found = Found("wapiti", await version_of(str(TOOLS.program("wapiti")), "--version"), asked)
    report, log = place.with_suffix(".json"), place.with_suffix(".log")
    given = ["-m", modules, "-o", str(report), "--store-session", str(place), "--max-attack-time", str(seconds)]
    command = [str(TOOLS.program("wapiti")), *options, *WAPITI, *given]
    if not await run(command, log, (modules.count(",") + 2) * seconds) or not report.exists():
        found.unfinished.append(asked)
        return found
    words = log.read_text("utf-8", errors="replace")
    if OUTSIDE in words:
        found.unfinished.append(f"{asked}: some were not asked")
    found.unfinished += [f"{asked}: {module} in {seconds:.0f} s" for module in CUT_SHORT.findall(words)]
    said = json.loads(report.read_text("utf-8"))
    for kind in ("vulnerabilities", "anomalies"):
        for name, items in said[kind].items():
            told = sorted(
                {f"{item['method']} {item['path'].partition('?')[0]}: {item['info']}"[:300] for item in items}
            )
            found.findings += [f"{name}: {one}" for one in told]
    return found


def described(calls: Iterable[Call], origin: str) -> dict[str, Any]:
    """An OpenAPI document of nothing but these calls."""
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        parameters = [
            {"in": place, "name": name, "required": True, "schema": {"type": "string", "default": value}}
            for place, values in (("path", call.ids), ("query", call.query))
            for name, value in values.items()
        ]
        operation: dict[str, Any] = {"parameters": parameters, "responses": {"200": {"description": "."}}}
        if call.body is not None:
            operation["requestBody"] = {"content": {"application/json": {"schema": schema_of(call.body)}}}
        paths.setdefault(f"/api/{call.service}{call.path}", {})[call.method] = operation
    return {"openapi": "3.0.3", "info": {"title": "Scan", "version": "1"}, "servers": [{"url": origin}], "paths": paths}


def schema_of(body: Any) -> dict[str, Any]:
    match body:
        case dict():
            return {"type": "object", "properties": {key: schema_of(value) for key, value in body.items()}}
        case list():
            return {"type": "array", "items": schema_of(body[0]) if body else {"type": "string"}}
        case bool():
            return {"type": "boolean", "default": body}
        case int() | float():
            return {"type": "number", "default": body}
        case _:
            return {"type": "string", "default": body or ""}


async def testssl(url: str, folder: Path, seconds: float) -> Found:
    """The gateway's TLS, by Debian's testssl."""
    if not bootstrap.in_path("testssl"):
        bootstrap.install_packages(["testssl.sh"])
    report = folder / "testssl.json"
    report.unlink(missing_ok=True)
    command = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "one", "--jsonfile", str(report)]
    done = await run([*command, url.removeprefix("https://")], folder / "testssl.log", seconds)
    said = json.loads(report.read_text("utf-8")) if report.exists() else []
    bad = [
        f"{one['severity']} {one['id']}: {one['finding']}"
        for one in said
        if one["severity"] in SERIOUS | {"MEDIUM", "LOW"}
    ]
    asked = f"{len(said)} questions about the gateway's TLS"
    return Found("testssl", await version_of("testssl", "--version"), asked, bad, [] if done else ["testssl"])
