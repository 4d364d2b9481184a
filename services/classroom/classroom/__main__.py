"""The commands of classroom: `python -m classroom reapply-erasures`."""

from chassis import cli

if __name__ == "__main__":
    cli.main("classroom")
