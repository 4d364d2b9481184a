"""An address proves nothing: whoever made an account first gets into another school only with that school's code."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from auth.testing import PASSWORD, Client, Person, post, register, sign_in

VICTIM = "head@elm.example"


@pytest.fixture
async def squatter(client: Client) -> Person:
    """The admin of a school that made an account for somebody else's address."""
    return await register(client, "eve@oak.example")


async def add(admin: Person, role: str = "admin") -> Any:
    return await admin.call("POST", "/accounts", 201, json={"email": VICTIM, "name": "Head", "role": role})


async def test_who_made_an_account_first_does_not_get_into_the_school_that_adds_it(
    client: Client, admin: Person, squatter: Person
) -> None:
    person, account = await squatter.hire(VICTIM, "student")
    made = await add(admin)
    assert (made["temporary_password"], made["account"]["joined"]) == (None, False)
    await sign_in(client, VICTIM)
    await squatter.call("DELETE", f"/accounts/{account['id']}", 204)
    await post(client, "/login", 401, email=VICTIM, password=PASSWORD)
    await post(client, "/login", 401, email=VICTIM, password=PASSWORD, joining_code="guessed")
    await post(client, "/login", 401, email=VICTIM, password="wrong", joining_code=made["joining_code"])
    await person.call("GET", "/me", 401)
    head = await sign_in(client, VICTIM, joining_code=made["joining_code"])
    assert await head.school_id() == await admin.school_id()


async def test_who_registered_an_address_does_not_either(client: Client, admin: Person) -> None:
    own = await register(client, VICTIM)
    made = await add(admin)
    assert await (await sign_in(client, VICTIM)).school_id() == await own.school_id()
    path = f"/accounts/{made['account']['id']}/joining-code"
    code = (await admin.call("POST", path))["joining_code"]
    await post(client, "/login", 401, email=VICTIM, password=PASSWORD, joining_code=made["joining_code"])
    joined = await sign_in(client, VICTIM, joining_code=code)
    assert await joined.school_id() == await admin.school_id()
    await post(client, "/login", 401, email=VICTIM, password=PASSWORD, joining_code=code)
    assert (await admin.call("POST", path, 409))["code"] == "cannot_join"
    assert (await admin.call("GET", path.removesuffix("/joining-code")))["joined"] is True


async def test_a_temporary_password_of_one_school_opens_no_other(
    client: Client, admin: Person, squatter: Person
) -> None:
    _, account = await squatter.hire(VICTIM, "teacher")
    await sign_in(client, VICTIM, joining_code=(await add(admin))["joining_code"])
    path = f"/accounts/{account['id']}"
    temporary = (await squatter.call("POST", f"{path}/temporary-password"))["temporary_password"]
    stolen = await sign_in(client, VICTIM, temporary, new_password=PASSWORD)
    assert await stolen.school_id() == await squatter.school_id()
    await squatter.call("DELETE", path, 204)
    await post(client, "/login", 401, email=VICTIM, password=PASSWORD)


async def test_two_schools_that_add_a_person_at_once_both_have_them(admin: Person, squatter: Person) -> None:
    for number in range(5):
        document = {"email": f"p{number}@elm.example", "name": "P", "role": "student"}
        made = await asyncio.gather(
            *(person.call("POST", "/accounts", 201, json=document) for person in (admin, squatter))
        )
        assert sorted(answer["joining_code"] is None for answer in made) == [False, True]
        assert made[0]["account"]["id"] == made[1]["account"]["id"]


async def test_a_code_is_made_for_the_own_school_alone(admin: Person, squatter: Person) -> None:
    _, account = await squatter.hire(VICTIM, "teacher")
    await add(admin)
    await squatter.call("POST", f"/accounts/{account['id']}/joining-code", 409)
    await squatter.call("POST", f"/accounts/{await admin.account_id()}/joining-code", 404)
    await squatter.call("POST", f"/accounts/{UUID(int=7)}/joining-code", 404)
