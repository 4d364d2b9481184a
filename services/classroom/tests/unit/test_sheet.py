"""Reading a marked gradebook's headings; what cells say is tested through the API."""

from uuid import uuid4

import pytest

from classroom.marks import sheet

STUDENT, ASSIGNMENT = str(uuid4()), str(uuid4())


def marks(heading: str) -> sheet.Sheet:
    return sheet.read(f"student_id,{heading}\r\n{STUDENT},7.5\r\n")


@pytest.mark.parametrize("written", [f"Quiz [{ASSIGNMENT}]", f"[{ASSIGNMENT.upper()}]  "])
def test_a_column_is_an_assignment_s_by_the_id_in_brackets(written: str) -> None:
    assert [str(mark.assignment_id) for mark in marks(written).marks] == [ASSIGNMENT]


@pytest.mark.parametrize("written", ["Quiz", f"Quiz [{ASSIGNMENT[:-1]}]", f"Quiz [{'-' * 36}]", f"[{'a' * 36}]"])
def test_a_column_without_an_id_is_ignored_and_named(written: str) -> None:
    """Found by fuzzing: 36 of an id's characters are no id yet."""
    read = marks(written)
    assert (read.marks, read.ignored) == ([], [written])
