"""Names that are harmless whatever was given."""

from email.message import Message

from hypothesis import example, given
from hypothesis import strategies as st

from files.names import LONGEST_BYTES, disposition, safe_name, unique_names


@given(st.text(max_size=400))
def test_any_text_becomes_a_harmless_name(text: str) -> None:
    """GUARANTEES 49."""
    name = safe_name(text)
    assert 1 <= len(name.encode()) <= LONGEST_BYTES + 1
    assert not set(name) & set('/\\<>:"|?*\r\n\0\u202e')
    assert name not in {".", ".."}
    assert safe_name(name) == name


@given(st.text(max_size=400))
@example("\xa0. \u2003x\xa0")
@example("\xa0")
def test_a_name_survives_the_header(text: str) -> None:
    """GUARANTEES 49: no header ends early, and a reader of RFC 8187 gets the very name back."""
    name = safe_name(text)
    header = disposition(name, inline=False)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header.replace(f'filename="{header.split(chr(34))[1]}"; ', "")
    assert message.get_filename() == name


@given(st.lists(st.sampled_from(["a/x.txt", "A/X.TXT", "a/x (2).txt", "a/y"]), max_size=12))
def test_no_path_is_given_twice(paths: list[str]) -> None:
    unique = unique_names()
    given_names = [unique(path).casefold() for path in paths]
    assert len(set(given_names)) == len(given_names)
