"""The rules of passwords and refresh tokens."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from auth.domain import (
    derived_key,
    new_refresh_token,
    normalized_password,
    successor,
    temporary_password,
    token_hash,
)
from auth.passwords import Passwords
from auth.tokens import Vault, WrongSecret
from chassis.errors import Unavailable

KEY = derived_key("a secret of some length", "refresh tokens")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_keys_of_different_purposes_differ() -> None:
    assert derived_key("secret", "a") != derived_key("secret", "b")
    assert derived_key("secret", "a") == derived_key("secret", "a")


@given(st.text(max_size=200))
def test_everybody_derives_the_same_successor(token: str) -> None:
    assert successor(token, KEY) == successor(token, KEY)
    assert successor(token, KEY) != token
    assert successor(token, KEY) != successor(token, derived_key("another", "refresh tokens"))
    assert len(token_hash(token)) == 32


def test_a_chain_of_successors_does_not_return() -> None:
    chain = [new_refresh_token()]
    for _ in range(1_000):
        chain.append(successor(chain[-1], KEY))
    assert len(set(chain)) == len(chain)
    assert {len(token) for token in chain} == {43}


def test_temporary_passwords_can_be_read_aloud() -> None:
    found = {temporary_password() for _ in range(1_000)}
    assert len(found) == 1_000
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", password) for password in found)


def test_a_password_is_the_same_from_every_keyboard() -> None:
    assert normalized_password("e\u0301") == normalized_password("\u00e9")


async def test_passwords_are_hashed_and_checked() -> None:
    with ThreadPoolExecutor(1) as pool:
        passwords = Passwords(HASHER, pool, queue=10)
        found = await passwords.hash("caf\u00e9 au lait")
        assert found.startswith("$argon2id$")
        assert await passwords.matches("cafe\u0301 au lait", found)
        assert not await passwords.matches("cafe au lait", found)
        assert not await passwords.matches("nobody has this password", None)
        assert not await passwords.matches("x", "no hash")
        assert not passwords.is_outdated(found)
        assert passwords.is_outdated(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("x"))


async def test_too_many_at_once_are_asked_to_wait() -> None:
    with ThreadPoolExecutor(1) as pool:
        passwords = Passwords(HASHER, pool, queue=0)
        with pytest.raises(Unavailable):
            await passwords.hash("x")


def test_a_sealed_key_opens_with_its_secret_and_kid_alone() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    sealed = Vault("one").seal(key, "a")
    assert Vault("one").open(sealed, "a").private_numbers() == key.private_numbers()
    for vault, kid in ((Vault("two"), "a"), (Vault("one"), "b")):
        with pytest.raises(WrongSecret):
            vault.open(sealed, kid)
