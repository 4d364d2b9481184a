"""The commands of auth: `python -m auth reapply-erasures`."""

from chassis import cli

if __name__ == "__main__":
    cli.main("auth")
