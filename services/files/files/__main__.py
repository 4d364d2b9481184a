"""The commands of files: `python -m files republish | reapply-erasures`."""

from chassis import cli, republish

SOURCES = ["files"]

if __name__ == "__main__":
    cli.main("files", [republish.command(SOURCES)])
