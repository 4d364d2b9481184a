"""Whom a lecture is for, read for many rooms at once, and who has to leave as that changes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.db import Executor
from chassis.identity import Identity, Role
from chassis.realtime.codes import Close
from lecture_chat.rooms.room import LiveRoom, MemberSocket


class Audience(NamedTuple):
    """Who teaches, and which students it is for (None: all of the classroom)."""

    teachers: frozenset[UUID]
    students: frozenset[UUID] | None

    def role_of(self, identity: Identity) -> str | None:
        """As what this member of the classroom is in the lecture; None: it is not for them."""
        if identity.role is Role.TEACHER and identity.account_id in self.teachers:
            return "teacher"
        return "student" if self.students is None or identity.account_id in self.students else None


async def read_audiences(db: Executor, lecture_ids: Sequence[UUID]) -> dict[UUID, Audience]:
    """The audience of each of the lectures."""
    rows = await db.rows("read_audiences", lecture_ids=list(lecture_ids))
    return {
        row["lecture_id"]: Audience(
            frozenset(row["teachers"]), None if row["assigned_to"] is None else frozenset(row["assigned_to"])
        )
        for row in rows
    }


async def close_changed(db: Executor, rooms: Mapping[UUID, LiveRoom]) -> None:
    """Close on whoever a lecture is not for any more; who has another role now comes back and is greeted anew."""
    changed: list[tuple[MemberSocket, str | None]] = []
    for lecture_id, audience in (await read_audiences(db, list(rooms))).items():
        live = rooms.get(lecture_id)
        for socket, role in live.members.items() if live is not None else ():
            if (now := audience.role_of(socket.identity)) != role:
                changed.append((socket, now))
    lost = await _lost(db, [socket for socket, _ in changed])
    for socket, now in changed:
        socket.close(Close.REMOVED if now is None or socket in lost else Close.CHANGED)


async def _lost(db: Executor, sockets: Sequence[MemberSocket]) -> set[MemberSocket]:
    """Of these sockets, those whose people are no members at all: whoever taught may be none."""
    if not sockets:
        return set()
    pairs = [(socket.classroom_id, socket.identity.account_id) for socket in sockets]
    classrooms, accounts = map(list, zip(*pairs, strict=True))
    rows = await db.rows("list_lost_members", classroom_ids=classrooms, account_ids=accounts)
    gone = {(row["classroom_id"], row["account_id"]) for row in rows}
    return {socket for socket, pair in zip(sockets, pairs, strict=True) if pair in gone}
