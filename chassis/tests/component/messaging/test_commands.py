"""What an operator runs by hand, as in a container: addresses are in files."""

import asyncio
import os
import sys
from pathlib import Path


async def run(*arguments: str, **settings: str) -> tuple[int, str]:
    """The exit status and all that was said."""
    kept = {name: value for name, value in os.environ.items() if name not in {"AMQP_URL", "DATABASE_URL"}}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        env=kept | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_commands_read_addresses_from_files(own_amqp_url: str, database_url: str, tmp_path: Path) -> None:
    broker, database = tmp_path / "amqp-url", tmp_path / "database-url"
    broker.write_text(own_amqp_url + "\n")
    database.write_text(database_url + "\n")
    files = {"AMQP_URL_FILE": str(broker), "DATABASE_URL_FILE": str(database)}
    assert await run("chassis.topology", **files) == (0, "")
    assert await run("chassis.deadletters", "list", "files", **files) == (0, "")
    assert await run("auth", "reapply-erasures", **files) == (0, "0 people forgotten again\n")


async def test_commands_say_what_is_missing(own_amqp_url: str, tmp_path: Path) -> None:
    status, said = await run("auth", "reapply-erasures")
    assert (status, said) == (1, "DATABASE_URL: set it (or DATABASE_URL_FILE) to the service's own\n")
    status, said = await run("chassis.topology", AMQP_URL_FILE=str(tmp_path / "nothing"))
    assert (status, said.startswith("AMQP_URL_FILE: cannot read")) == (1, True)
    status, said = await run("chassis.deadletters", "list", "nobody", AMQP_URL=own_amqp_url)
    assert (status, said.startswith("nobody has no dead letters' queue")) == (1, True)
