"""What a room shows beside its entries, read for many rooms at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Executor, Row
from lecture_chat import wire

# The counts of reactions that a newcomer is shown, those of the newest messages.
REACTIONS = 2_000


@dataclass(frozen=True, slots=True)
class RoomState:
    """The state to show, and who may not send (which is for teachers and themselves)."""

    shown: wire.State
    muted: frozenset[UUID]


async def read_states(db: Executor, revs: Mapping[UUID, int]) -> dict[UUID, RoomState]:
    """The states of lectures, each with the reactions that changed after the given revision."""
    rows = await db.rows("read_states", lecture_ids=list(revs), revs=list(revs.values()), shown=REACTIONS)
    return {row["lecture_id"]: _state(row) for row in rows}


def _state(row: Row) -> RoomState:
    shown = {name: row[name] for name in wire.State.model_fields if name != "type"}
    return RoomState(wire.State.model_validate(shown), frozenset(row["muted"]))


async def read_present(db: Executor, lecture_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, wire.Present]]:
    """Who is in each of the lectures."""
    found: dict[UUID, dict[UUID, wire.Present]] = {lecture_id: {} for lecture_id in lecture_ids}
    for row in await db.rows("list_present", lecture_ids=list(lecture_ids)):
        person = wire.Present(account_id=row["account_id"], name=row["name"], role=row["role"])
        found[row["lecture_id"]][person.account_id] = person
    return found


async def read_own(db: Executor, lecture_id: UUID, account_id: UUID, role: str) -> wire.You:
    """What the room knows of a member."""
    row = await db.row("read_own", lecture_id=lecture_id, account_id=account_id)
    return wire.You.model_validate({"account_id": account_id, "role": role, **(row or {})})


def merged(before: RoomState, after: RoomState) -> RoomState:
    """The newer state with the reactions of both, the newer counts where both have one."""
    counts = {(item.seq, item.emoji): item for item in (*before.shown.reactions, *after.shown.reactions)}
    kept = sorted((item for item in counts.values() if item.count), key=lambda item: item.seq)
    return RoomState(after.shown.model_copy(update={"reactions": tuple(kept[-REACTIONS:])}), after.muted)
