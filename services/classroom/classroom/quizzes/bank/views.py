"""Reading one's own question bank."""

from collections.abc import AsyncIterator
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of
from classroom.quizzes.bank.models import BankQuery, BankQuestion, BankTags, TagCount
from classroom.quizzes.questions.content import join
from classroom.quizzes.questions.models import Question

_PAGE = 200


def _shown(row: Row) -> BankQuestion:
    return BankQuestion(question=join(row), tags=row["tags"], revision=row["revision"])


async def find_question(db: Executor, identity: Identity, question_id: UUID) -> BankQuestion:
    """One of the caller's questions; raises NotFound."""
    row = await db.row(
        "find_keyed_bank_question", id=question_id, school_id=identity.school_id, owner_id=identity.account_id
    )
    if row is None:
        raise NotFound("question")
    return _shown(row)


async def list_questions(db: Executor, identity: Identity, query: BankQuery) -> Page[BankQuestion]:
    """A page of the caller's questions, oldest first."""
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    rows = await db.rows(
        "list_keyed_bank_questions",
        school_id=identity.school_id,
        owner_id=identity.account_id,
        kind=query.kind,
        tags=[query.tag] if query.tag else [],
        search=query.search,
        after_id=after,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "id")
    return Page(items=[_shown(row) for row in shown], next_cursor=cursor)


async def all_questions(db: Executor, identity: Identity, tag: str | None) -> AsyncIterator[Question]:
    """Every question of the caller's, page by page."""
    query: BankQuery | None = BankQuery(limit=_PAGE, tag=tag)
    while query is not None:
        page = await list_questions(db, identity, query)
        for item in page.items:
            yield item.question
        query = query.model_copy(update={"cursor": page.next_cursor}) if page.next_cursor else None


async def list_tags(db: Executor, identity: Identity) -> BankTags:
    """The caller's tags."""
    rows = await db.rows("list_bank_tags", school_id=identity.school_id, owner_id=identity.account_id)
    return BankTags(items=[TagCount(**row) for row in rows])
