"""Codes of authenticator apps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.second_factor import totp

# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("now", "code"), RFC)
def test_the_vectors_of_the_rfc(now: int, code: str) -> None:
    assert totp.step_of(SECRET, code, now) == now // 30


@given(st.integers(60, 2**40), st.integers(-1, 1))
def test_a_code_names_its_period(now: int, off: int) -> None:
    step = now // 30 + off
    found = totp.step_of(SECRET, totp.code_at(SECRET, step), now)
    assert found is not None
    assert totp.code_at(SECRET, found) == totp.code_at(SECRET, step)


@pytest.mark.parametrize("code", ["", "28708", "2870820", "２８７０８２", "abcdef", "\x00" * 6])
def test_what_is_no_code(code: str) -> None:
    assert totp.step_of(SECRET, code, 59) is None


def test_a_recovery_code_may_be_typed_in_any_way() -> None:
    first, *others = totp.new_recovery_codes()
    assert totp.recovery_hash(first) == totp.recovery_hash(f" {first.upper().replace('-', ' ')} ")
    assert totp.recovery_hash(first) not in {totp.recovery_hash(code) for code in others}
