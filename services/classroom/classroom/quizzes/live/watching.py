"""The teachers' side: one console, from its snapshot on."""

from uuid import UUID

from chassis.db import Executor
from chassis.realtime.frames import Refresh
from chassis.realtime.sockets import Socket
from classroom.quizzes.live.room import Room, frame_of

# Rows in one frame of the snapshot: about 50 KiB.
PAGE = 100

WatchingSocket = Socket[Refresh]


async def watch(db: Executor, school_id: UUID, assignment_id: UUID, room: Room, socket: WatchingSocket) -> None:
    """Show everybody, then what changes, until the socket ends."""
    where = {"id": assignment_id, "school_id": school_id}
    try:
        if await _show_everybody(db, where, room, socket):
            await socket.hear(_take)
    finally:
        room.watchers.pop(socket, None)


def _take(_: Refresh) -> None:
    """The socket itself takes a newer token; nothing else is said by who watches."""


async def _show_everybody(db: Executor, where: dict[str, UUID], room: Room, socket: WatchingSocket) -> bool:
    """The snapshot in pages; False when the socket ended meanwhile. What passed unseen comes as the first delta."""
    head = await db.row("find_progress", **where)
    assert head is not None
    after, more = UUID(int=0), True
    while more:
        rows = await db.rows("list_progress", after_id=after, limit=PAGE + 1, **where)
        more, rows = len(rows) > PAGE, rows[:PAGE]
        after = rows[-1]["student_id"] if rows else after
        socket.write(frame_of("snapshot", head["progress"], head["now"], rows, more=more))
        if not await socket.drained():
            return False
    room.show(socket, (head["progress"], head["now"]))
    return True
