"""Listing the people of a classroom."""

from typing import Literal
from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity, Role
from chassis.paging import Page, PageQuery, decode_cursor, page_of
from classroom.people.models import Member

FIRST_BY_NAME = ("", UUID(int=0))


async def members(
    db: Executor,
    identity: Identity,
    classroom_id: UUID,
    query: PageQuery,
    which: Literal["list_students", "list_teachers"],
) -> Page[Member]:
    """A page of a classroom's people by name; students see no e-mail addresses."""
    name, id_ = decode_cursor(query.cursor, str, UUID) or FIRST_BY_NAME
    rows = await db.rows(
        which,
        school_id=identity.school_id,
        classroom_id=classroom_id,
        after_name=name,
        after_id=id_,
        limit=query.limit + 1,
    )
    hidden = {"email": None} if identity.role is Role.STUDENT else {}
    shown, cursor = page_of(rows, query.limit, "name", "account_id")
    return Page(items=[Member(**(row | hidden)) for row in shown], next_cursor=cursor)
