"""`python -m auth.keys rotate [--compromised]`: publish a new signing key, which signs a quarter of an hour later.

`--compromised`: at once, and the old keys are withdrawn. `python -m auth.keys list` shows the keys.
Needs DATABASE_URL and SIGNING_KEY_SECRET (or the same with _FILE).
"""

import argparse
import asyncio

from auth.config import Config
from auth.tokens import Vault, rotate
from chassis.db import connect


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m auth.keys", description=__doc__)
    parser.add_argument("command", choices=["rotate", "list"])
    parser.add_argument("--compromised", action="store_true")
    options = parser.parse_args()
    asyncio.run(_run(Config.load_or_exit(), options))


async def _run(config: Config, options: argparse.Namespace) -> None:
    async with connect(config.database_url.get_secret_value(), "auth", maxsize=1) as db:
        if options.command == "rotate":
            vault = Vault(config.signing_key_secret.get_secret_value())
            print(await rotate(db, vault, compromised=options.compromised))
            return
        for row in await db.rows("list_signing_keys"):
            print(row["kid"], "signs from", row["activates_at"], "published until", row["retires_at"] or "replaced")


if __name__ == "__main__":
    main()
