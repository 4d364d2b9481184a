"""`/classrooms/{id}/topics` and `/topics/{id}`."""

from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Invalid, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity
from chassis.paging import Page, PageQuery
from classroom import fragments
from classroom.access import STAFF, classroom_of, managed, readable
from classroom.topics import commands, views
from classroom.topics.models import NewTopic, Topic, TopicOrder, TopicPatch

api = Api("classroom", "Classroom")


@api.get("/classrooms/{classroom_id}/topics", summary="List topics", response=Page[Topic])
async def list_topics(identity: Identity, db: Executor, classroom_id: UUID, query: PageQuery) -> Page[Topic]:
    """By position."""
    await readable(db, identity, classroom_id)
    return await views.list_topics(db, identity, classroom_id, query)


@api.post(
    "/classrooms/{classroom_id}/topics",
    roles=STAFF,
    status=201,
    summary="Add a topic",
    idempotent=True,
    errors=(Conflict,),
)
async def add_topic(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: NewTopic
) -> Reply[Topic]:
    """Titles are unique within a classroom."""
    await managed(db, identity, classroom_id)
    stale = fragments.mark_stale(request, fragments.views(classroom_id))
    topic_id = await commands.add_topic(db, identity, classroom_id, body, stale)
    return await _shown(db, identity, topic_id)


@api.put(
    "/classrooms/{classroom_id}/topics/order", roles=STAFF, status=204, summary="Order the topics", errors=(Conflict,)
)
async def order_topics(
    request: web.Request, identity: Identity, db: Executor, classroom_id: UUID, body: TopicOrder
) -> None:
    """Those not named come after."""
    await managed(db, identity, classroom_id)
    stale = fragments.mark_stale(request, fragments.views(classroom_id))
    await commands.order_topics(db, identity, classroom_id, body.topic_ids, stale)


async def _shown(db: Executor, identity: Identity, topic_id: UUID) -> Reply[Topic]:
    topic = await views.find_topic(db, identity, topic_id)
    return Reply(topic, etag(topic.version))


async def _managed(request: web.Request, db: Executor, identity: Identity, topic_id: UUID) -> list[str]:
    """Let in who may change the topic; returns what becomes stale with it."""
    classroom_id = await classroom_of(db, identity, "classroom_of_topic", "topic", topic_id)
    await managed(db, identity, classroom_id, "topic")
    return fragments.mark_stale(request, fragments.views(classroom_id))


async def _refuse(db: Executor, identity: Identity, topic_id: UUID, yours: dict[str, Any] | None) -> None:
    current = await views.find_topic(db, identity, topic_id)
    raise PreconditionFailed(current.model_dump(mode="json"), yours)


@api.patch("/topics/{topic_id}", roles=STAFF, summary="Change a topic", errors=(Conflict, PreconditionFailed))
async def change_topic(
    request: web.Request, identity: Identity, db: Executor, topic_id: UUID, body: TopicPatch
) -> Reply[Topic]:
    """Rename or move it."""
    stale = await _managed(request, db, identity, topic_id)
    patch = body.model_dump(mode="json", exclude_unset=True)
    if not await commands.change_topic(db, identity, topic_id, patch, expected(request), stale):
        await _refuse(db, identity, topic_id, patch)
    return await _shown(db, identity, topic_id)


@api.delete("/topics/{topic_id}", roles=STAFF, summary="Delete a topic", errors=(Conflict, Invalid, PreconditionFailed))
async def delete_topic(request: web.Request, identity: Identity, db: Executor, topic_id: UUID) -> None:
    """Its assignments stay, without a topic."""
    stale = await _managed(request, db, identity, topic_id)
    if not await commands.delete_topic(db, identity, topic_id, expected(request), stale):
        await _refuse(db, identity, topic_id, None)
