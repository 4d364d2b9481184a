"""What spreadsheets get computes nothing."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.spreadsheets import csv_bytes, harmless

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\ttext",
    "  =1",
    "\u00a0=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ada", "a=1", "3 - 1", "'=1", "Größe"])
def test_a_text_stays(text: str) -> None:
    assert harmless(text) == text


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])), min_size=1)))
def test_cells_are_read_as_they_were_written(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_bytes(rows).decode(), newline="")))
    assert read == rows
