"""The demo school, made through the public API when a stack starts for the first time."""

import asyncio
import json
import ssl
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp

from chassis.oneroster import BrokenPackage
from dev import demo_package, demo_work, tls
from dev.gateway_client import Api, ApiError, trust
from dev.importer import ImportFailed, run_job
from dev.layout import State

SCHOOL = "Homeroom Demo School"
PASSWORD = "homeroom-demo-2026"
STUDENTS_SHOWN = 3
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody one can sign in as."""

    role: str
    name: str
    email: str


ADMIN = Account("admin", "Dana Whitfield", "admin@demo.example")


class DemoError(Exception):
    """The demo school could not be made; the stack itself runs."""


def ensure(url: str, state: State) -> list[Account]:
    """The demo accounts; the school is made unless this stack's data has it already."""
    remembered = state.folder / "demo.json"
    if not remembered.exists():
        print("Making the demo school", flush=True)
        try:
            accounts = asyncio.run(_made_in_time(url, trust(tls.authority_file(state.tls), insecure=False)))
        except TimeoutError:
            raise DemoError(
                f"Homeroom runs at {url}, but its demo school is not ready; `make logs` shows why."
            ) from None
        except (ApiError, ImportFailed, BrokenPackage, aiohttp.ClientError, OSError) as problem:
            raise DemoError(f"Homeroom runs at {url}, but its demo school could not be made: {problem}") from problem
        remembered.write_text(json.dumps([asdict(account) for account in accounts], indent=2) + "\n")
    return [Account(**account) for account in json.loads(remembered.read_text())]


async def _made_in_time(url: str, context: ssl.SSLContext) -> list[Account]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await make(url, context)


async def make(url: str, context: ssl.SSLContext) -> list[Account]:
    """School, people, classrooms and results, as an admin would: register, import, hand out passwords; then their work.

    Returns the accounts to sign in as.
    """
    async with AsyncExitStack() as clients:

        async def client(account: Account) -> Api:
            return await clients.enter_async_context(Api(url, account.email, PASSWORD, context, patience=60))

        admin = await client(ADMIN)
        if not await admin.login():
            await admin.register(SCHOOL, ADMIN.name)
            await admin.login()
        with tempfile.TemporaryDirectory() as folder:
            package = demo_package.write(Path(folder) / "demo.zip")
            for service in ("auth", "classroom"):
                await run_job(admin, service, package, set(), lambda _: None, dry=False)
        ids = await account_ids(admin)
        everybody = {account: await client(account) for account in people()}
        for account in everybody:
            await give_password(admin, ids[account.email], account)
        students = {ids[account.email]: api for account, api in everybody.items() if account.role == "student"}
        for account, api in everybody.items():
            if account.role == "teacher":
                await demo_work.give(api, students)
    return [ADMIN, *people()][: 1 + len(demo_package.TEACHERS) + STUDENTS_SHOWN]


def people() -> list[Account]:
    """The teachers and the students of the package."""
    teachers = [Account("teacher", f"{given} {family}", email) for _, given, family, email in demo_package.TEACHERS]
    students = [
        Account("student", f"{student[1]} {student[2]}", demo_package.email(student))
        for student in demo_package.STUDENTS
    ]
    return [*teachers, *students]


async def account_ids(api: Api) -> dict[str, str]:
    """E-mail → account id."""
    accounts: Sequence[dict[str, Any]] = (await api.get("/api/auth/accounts?limit=200"))["items"]
    return {account["email"]: account["id"] for account in accounts}


async def give_password(admin: Api, account_id: str, account: Account) -> None:
    """The admin sets a temporary password; its owner replaces it at once by the demo's."""
    answer = await admin.call("POST", f"/api/auth/accounts/{account_id}/temporary-password")
    temporary = answer.data["temporary_password"]
    async with Api(admin.url, account.email, temporary, admin.tls, admin.patience) as owner:
        await owner.choose_password(PASSWORD)


def welcome(url: str, accounts: Sequence[Account]) -> None:
    """What one needs to know to begin."""
    print(f"Homeroom is up: {url}")
    if accounts:
        print(f"The demo school's accounts, all with the password {PASSWORD}:")
    for account in accounts:
        print(f"  {account.role:8} {account.email:36} {account.name}")
    print("The browser warns about the certificate, which is this machine's own.")
