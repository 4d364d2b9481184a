"""`/bank`: a teacher's own questions, and GIFT files in and out."""

from uuid import UUID

from aiohttp import web
from pydantic import Field

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.model import Body
from chassis.paging import Page
from classroom.access import STAFF
from classroom.quizzes.bank import commands, views
from classroom.quizzes.bank.gift_reader import read_gift
from classroom.quizzes.bank.gift_writer import write_gift
from classroom.quizzes.bank.models import (
    BankQuery,
    BankQuestion,
    BankTags,
    ExportReport,
    GiftText,
    ImportReport,
    NewBankQuestion,
)
from classroom.quizzes.questions.models import Tag
from classroom.quizzes.questions.views import show_questions
from classroom.quizzes.rules.views import managed_quiz

api = Api("classroom", "Classroom")


class ExportQuery(Body):
    """What to export."""

    tag: Tag | None = Field(None, description="Only questions with this tag")


@api.get("/bank/questions", roles=STAFF, summary="List one's question bank", response=Page[BankQuestion])
async def list_questions(identity: Identity, db: Executor, query: BankQuery) -> Page[BankQuestion]:
    """Oldest first."""
    return await views.list_questions(db, identity, query)


@api.post("/bank/questions", roles=STAFF, status=201, summary="Add a question to the bank", idempotent=True)
async def add_question(identity: Identity, db: Executor, body: NewBankQuestion) -> Reply[BankQuestion]:
    """Quizzes take copies of it."""
    (question_id,) = await commands.add_questions(db, identity, [body])
    return await _reply(db, identity, question_id)


async def _reply(db: Executor, identity: Identity, question_id: UUID) -> Reply[BankQuestion]:
    shown = await views.find_question(db, identity, question_id)
    return Reply(shown, etag(shown.revision))


@api.get("/bank/questions/{bank_question_id}", roles=STAFF, summary="Read a question of the bank")
async def read_question(identity: Identity, db: Executor, bank_question_id: UUID) -> Reply[BankQuestion]:
    """One's own only."""
    return await _reply(db, identity, bank_question_id)


@api.put(
    "/bank/questions/{bank_question_id}",
    roles=STAFF,
    summary="Change a question of the bank",
    errors=(PreconditionFailed,),
)
async def change_question(
    request: web.Request, identity: Identity, db: Executor, bank_question_id: UUID, body: NewBankQuestion
) -> Reply[BankQuestion]:
    """Quizzes keep the copies they took."""
    await views.find_question(db, identity, bank_question_id)
    if not await commands.change_question(db, identity, bank_question_id, body, expected(request)):
        current = await views.find_question(db, identity, bank_question_id)
        raise PreconditionFailed(current.model_dump(mode="json"), body.model_dump(mode="json"))
    return await _reply(db, identity, bank_question_id)


@api.delete(
    "/bank/questions/{bank_question_id}",
    roles=STAFF,
    summary="Delete a question of the bank",
    errors=(PreconditionFailed,),
)
async def delete_question(request: web.Request, identity: Identity, db: Executor, bank_question_id: UUID) -> None:
    """Quizzes keep the copies they took."""
    await views.find_question(db, identity, bank_question_id)
    if not await commands.delete_question(db, identity, bank_question_id, expected(request)):
        current = await views.find_question(db, identity, bank_question_id)
        raise PreconditionFailed(current.model_dump(mode="json"))


@api.get("/bank/tags", roles=STAFF, summary="List the tags of one's bank")
async def list_tags(identity: Identity, db: Executor) -> BankTags:
    """With how many questions each is on."""
    return await views.list_tags(db, identity)


@api.post("/bank/gift", roles=STAFF, summary="Import a GIFT file into the bank", idempotent=True)
async def import_gift(identity: Identity, db: Executor, body: GiftText) -> ImportReport:
    """What cannot be taken is reported by line and skipped; with `dry_run` nothing is stored."""
    questions, skipped = read_gift(body.text)
    found = [NewBankQuestion(question=item.question, tags=tuple({*item.tags, *body.tags})[:20]) for item in questions]
    added = [] if body.dry_run or not found else await commands.add_questions(db, identity, found)
    return ImportReport(added=added, questions=found, skipped=skipped)


@api.get("/bank/gift", roles=STAFF, summary="Export one's bank as GIFT")
async def export_gift(identity: Identity, db: Executor, query: ExportQuery) -> ExportReport:
    """What GIFT cannot say is reported and left out."""
    return write_gift([question async for question in views.all_questions(db, identity, query.tag)])


@api.get("/assignments/{assignment_id}/gift", roles=STAFF, summary="Export the questions of a quiz as GIFT")
async def export_quiz(identity: Identity, db: Executor, assignment_id: UUID) -> ExportReport:
    """Pools of draws included; for the classroom's own teachers and admins."""
    _, _, rules = await managed_quiz(db, identity, assignment_id, archived=True)
    shown = await show_questions(db, identity, rules)
    return write_gift([*shown.questions, *(question for draw in shown.draws for question in draw.questions)])
