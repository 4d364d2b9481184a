"""The commands of lecture_chat: `python -m lecture_chat reapply-erasures`."""

from chassis import cli

if __name__ == "__main__":
    cli.main("lecture_chat")
