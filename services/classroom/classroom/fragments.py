"""The names of cached fragments, and who must forget them.

A command hands the keys it makes stale to its SQL, which stores them with the change (`outbox.invalidates`),
and marks them on its request: `forget_stale` then tries at once, after the commit.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.keys import CACHE

STALE = web.RequestKey("stale", list[str])


@lru_cache(maxsize=1000)
def school_key(school_id: UUID) -> str:
    """The school's epoch: fragments of an older one are refused."""
    return f"school:{school_id}"


def person_key(school_id: UUID, account_id: UUID) -> str:
    """Who somebody is, which classrooms they are in, and how much there is to know for them."""
    return f"person:{school_id}:{account_id}"


def summary_key(school_id: UUID) -> str:
    """The school in numbers; read each time, never stored."""
    return f"summary:{school_id}"


def student_view(classroom_id: UUID | str) -> str:
    """What all students of a classroom see of it."""
    return f"student-view:{classroom_id}"


def teacher_view(classroom_id: UUID | str) -> str:
    """What its teachers see of a classroom: drafts and counts, no row per student."""
    return f"teacher-view:{classroom_id}"


def own_work(classroom_id: UUID | str, student_id: UUID) -> str:
    """One student's released grades in a classroom."""
    return f"own:{classroom_id}:{student_id}"


def own(school_id: UUID, classroom_id: UUID, student_id: UUID) -> list[str]:
    """What shows a student's own: their work in a classroom, and how much there is to know for them."""
    return [own_work(classroom_id, student_id), person_key(school_id, student_id)]


def views(classroom_id: UUID) -> list[str]:
    """Both views of a classroom."""
    return [student_view(classroom_id), teacher_view(classroom_id)]


def mark_stale(request: web.Request, keys: Iterable[str]) -> list[str]:
    """Have the keys forgotten once the request is answered; returns them, for the outbox."""
    named = list(keys)
    request.setdefault(STALE, []).extend(named)
    return named


@web.middleware
async def forget_stale(request: web.Request, handler: Any) -> web.StreamResponse:
    """After a command's commit, try to forget what it made stale; its outbox row makes sure of it."""
    response: web.StreamResponse = await handler(request)
    if stale := request.get(STALE):
        await request.app[CACHE].forget(sorted(set(stale)))
    return response
