"""The commands of auth: `python -m auth republish | reapply-erasures`."""

from chassis import cli, republish

SOURCES = ["schools", "accounts"]

if __name__ == "__main__":
    cli.main("auth", [republish.command(SOURCES)])
