"""Cursors come back as they were given, and nothing else is taken for one."""

from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.paging import decode_cursor, encode_cursor


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.uuids())
def test_a_cursor_round_trips(name: str, identifier: UUID) -> None:
    assert decode_cursor(encode_cursor(name, identifier), str, UUID) == (name, identifier)


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, str) is None


@given(st.text(max_size=60))
def test_nothing_else_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text, datetime.fromisoformat, UUID)
