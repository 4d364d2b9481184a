"""The commands of classroom: `python -m classroom republish | recount-points [--check] | reapply-erasures`."""

from chassis import cli, republish
from classroom.points import recount

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
    cli.main("classroom", [republish.command(SOURCES), recount.COMMAND])
