"""What may be put to a message as a reaction."""

import pytest
from pydantic import TypeAdapter, ValidationError

from lecture_chat.wire import Emoji

EMOJI = TypeAdapter[str](Emoji)


ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
GOOD = "👍 👍🏽 ❤️ 👩‍🏫 🏳️‍🌈 🇨🇭 1️⃣ #⃣ ℹ️ ‼️ ↔️ ©️ 〰️ \U0001fae8 +1 -1".split()  # noqa: SIM905 - they are no words
WORDS = ["no", "не надо", "nö 👍", "你好", "12 👍", "👍\n", "👍 👍", ""]
UNSEEN = ["\u200b", "\u202e", "\u2003", "\ufe0f", "\u200d"]


@pytest.mark.parametrize("emoji", [*GOOD, ENGLAND])
def test_an_emoji(emoji: str) -> None:
    assert EMOJI.validate_python(emoji) == emoji


@pytest.mark.parametrize("text", [*WORDS, *UNSEEN])
def test_words_and_what_is_not_seen_are_none(text: str) -> None:
    with pytest.raises(ValidationError):
        EMOJI.validate_python(text)
