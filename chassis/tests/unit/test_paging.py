"""Cursors come back as they were given, and nothing else is taken for one."""

from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.paging import PageQuery, decode_cursor, encode_cursor, page_of


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.uuids())
def test_a_cursor_round_trips(name: str, identifier: UUID) -> None:
    assert decode_cursor(encode_cursor(name, identifier), str, UUID) == (name, identifier)


@pytest.mark.parametrize("character", ["a", "\x01", "漢", "🏫", '"'])
def test_the_longest_cursor_is_taken_back(character: str) -> None:
    position = (character * 500, UUID(int=2**128 - 1))
    assert decode_cursor(PageQuery(cursor=encode_cursor(*position)).cursor, str, UUID) == position


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, str) is None


@given(st.text(max_size=60))
def test_nothing_else_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text, datetime.fromisoformat, UUID)


@pytest.mark.parametrize(("read", "cursor"), [(0, None), (1, None), (2, None), (3, encode_cursor("b", 1))])
def test_a_page_has_a_next_one_only_if_more_was_read(read: int, cursor: str | None) -> None:
    rows = [{"name": name, "n": n} for n, name in enumerate("abc"[:read])]
    assert page_of(rows, 2, "name", "n") == (rows[:2], cursor)
