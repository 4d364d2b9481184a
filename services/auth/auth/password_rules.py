"""What a new password must not be (NIST SP 800-63B: long enough, and not one that everybody tries; no other rules)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from auth.config import Config
from auth.domain import normalized_password
from chassis.errors import Invalid

PASSWORD_MAX_LENGTH = 200
# So much must be left of a password when the words that anybody would guess are taken away.
_OWN = 4
_SHORTEST_WORD = 4
_NO_WORD = re.compile(r"[\W_]+")


def check_password(field: str, password: str, config: Config, email: str | None, *names: str) -> None:
    """Raises Invalid, saying what to do. `names`: of the school and so on, which others would guess."""
    plain = normalized_password(password)
    if len(plain) < config.password_min_length:
        raise Invalid(field, f"Use at least {config.password_min_length} characters.", "password_too_short")
    if len(plain) > PASSWORD_MAX_LENGTH:
        raise Invalid(field, f"Use at most {PASSWORD_MAX_LENGTH} characters.", "password_too_long")
    if plain.casefold() in _common() or len(set(plain.casefold())) < _OWN:
        raise Invalid(field, "Many people use this password, so it is tried first. Choose another.", "password_common")
    if any(_is_little_more_than(plain, word) for word in _guesses(email, names)):
        raise Invalid(
            field, "Do not use your e-mail address or the name of the school. Choose another.", "password_guessable"
        )


@lru_cache
def _common() -> frozenset[str]:
    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"])


def _guesses(email: str | None, names: tuple[str, ...]) -> Iterator[str]:
    local, _, domain = (email or "").partition("@")
    for text in (local, domain, f"{local}{domain}", *names, "homeroom"):
        word = _letters(text)
        if len(word) >= _SHORTEST_WORD:
            yield word


def _is_little_more_than(password: str, word: str) -> bool:
    letters = _letters(password)
    return word in letters and len(letters) - len(word) < _OWN


def _letters(text: str) -> str:
    return _NO_WORD.sub("", text.casefold())
