"""`python -m tests.scan [sqlmap] [wapiti] [testssl] [--state …]`: what the scanners find in a running stack.

Needs the whole stack with its demo school, which the scan fills with rubbish. What each tool said is kept in
`.homeroom-scan/`; ends with 1 when sqlmap found something or a service failed at a request. What wapiti and testssl
say has to be read: docs/security.md tells what was made of it.
"""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from dev.layout import ROOT
from dev.stack import Stack
from tests.scan import ground, scanners
from tests.scan.calls import Call, calls
from tests.scan.control import prove
from tests.scan.front import Seen, roomy_gateway, signers

FOLDER = ROOT / ".homeroom-scan"
TOOLS = ("sqlmap", "wapiti", "testssl")


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.scan", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tools", nargs="*", choices=[*TOOLS, []], default=[])
    parser.add_argument("--state", type=Path, default=Path(".homeroom-test"))
    parser.add_argument("--level", type=int, default=1, help="of sqlmap, 1 to 5")
    parser.add_argument("--only", default="", help="operations with this in their method and path")
    parser.add_argument(
        "--seconds", type=float, default=300, help="for one operation by sqlmap, for one module of wapiti and a role"
    )
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    sys.exit(asyncio.run(scan(options)))


async def scan(options: argparse.Namespace) -> int:
    """All that is asked for, one tool after the other; 1 when there is something to mend."""
    stack, seen = Stack(options.state, restart=False), Seen()
    tools = options.tools or TOOLS
    found: list[scanners.Found] = []
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(roomy_gateway(stack))
        people = await ground.people(stack, url, opened)
        origins = await opened.enter_async_context(signers(stack, url, people, seen))
        if "sqlmap" in tools:
            await prove(stack, FOLDER)
            asked = await settled(calls(), options.only, origins)
            found.append(told(await scanners.sqlmap(asked, origins, FOLDER, options.level, options.seconds)))
        if "wapiti" in tools:
            # The others have changed the school by now.
            asked = await settled(calls(), options.only, origins)
            found += await wapiti(asked, origins, url, options.seconds)
        if "testssl" in tools:
            found.append(told(await scanners.testssl(url, FOLDER, 6 * options.seconds)))
    print(f"{seen.statuses.total():,} requests: {dict(sorted(seen.statuses.items()))}")
    for what, sample in sorted(seen.failures.items()):
        print(f"FAILED {what}\n{sample}")
    return 1 if seen.failures or any(one.findings for one in found if one.tool == "sqlmap") else 0


async def settled(everything: list[Call], only: str, origins: dict[str, str]) -> list[Call]:
    """The chosen calls, with values that are accepted."""
    asked = [call for call in everything if only in str(call)]
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}) as session:
        await ground.Ground(session, origins, everything).settle(asked)
    accepted = [call for call in asked if call.answered < 400]
    print(f"{len(asked)} operations with something to say, {len(accepted)} of them accepted as they stand", flush=True)
    return asked


async def wapiti(asked: list[Call], origins: dict[str, str], url: str, seconds: float) -> list[scanners.Found]:
    """The operations of each role and what a stranger's browser is given, all at once."""
    own = {role: [call for call in asked if call.role == role] for role in origins}
    scans = [
        scanners.wapiti_api(role, own[role], origin, FOLDER, seconds) for role, origin in origins.items() if own[role]
    ]
    found = await asyncio.gather(*scans, scanners.wapiti_pages(url, FOLDER, seconds))
    return [told(one) for one in found]


def told(found: scanners.Found) -> scanners.Found:
    """Print one tool's findings."""
    print(f"{found.tool} {found.version}: {found.asked}: {len(found.findings)} findings")
    for finding in found.findings:
        print(f"  {finding}")
    for what in found.unfinished:
        print(f"  not finished: {what}")
    sys.stdout.flush()
    return found


if __name__ == "__main__":
    main()
