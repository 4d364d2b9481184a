"""The commands of classroom: `python -m classroom republish | reapply-erasures`."""

from chassis import cli, republish

SOURCES = [
    "classrooms",
    "teachers",
    "enrolments",
    "invitations",
    "topics",
    "assignments",
    "submissions",
    "grades",
    "attempts",
    "quizzes",
    "attachments",
    "points",
]

if __name__ == "__main__":
    cli.main("classroom", [republish.command(SOURCES)])
