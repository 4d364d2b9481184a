"""The commands of files: `python -m files reapply-erasures`."""

from chassis import cli

if __name__ == "__main__":
    cli.main("files")
