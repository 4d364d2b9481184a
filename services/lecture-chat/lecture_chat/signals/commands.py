"""Storing signals: each sets something, so that the newest of a moment stands for all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from chassis.db import Executor, json_rows
from lecture_chat import wire

# Different emoji that one message may ever have.
KINDS = 50


@dataclass(frozen=True, slots=True)
class Signal:
    """What somebody wants to set: for `account_id`, which is another's only when a teacher acts on a student."""

    type: str
    author_id: UUID
    account_id: UUID
    seq: int | None = None
    emoji: str | None = None
    option: int | None = None
    active: bool | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What it sets; and by whom, since not everybody may."""
        return self.type, self.author_id, self.account_id, self.seq, self.emoji


async def apply(db: Executor, lecture_id: UUID, signals: Sequence[Signal]) -> list[str | None]:
    """Apply them in one round trip; for each, why it was refused."""
    rows = [{"n": n, **asdict(signal)} for n, signal in enumerate(signals)]
    told = await db.rows("apply_signals", lecture_id=lecture_id, rows=json_rows(rows), kinds=KINDS)
    return [row["refusal"] for row in told]


def is_alone(signal: Signal) -> bool:
    """A teacher's lowering of a hand may meet its raising by the student: one after the other."""
    return signal.author_id != signal.account_id


def signal_of(frame: wire.SignalIn, author_id: UUID) -> Signal:
    """What a frame asks for."""
    match frame:
        case wire.Hand():
            return Signal("hand", author_id, frame.account_id or author_id, active=frame.up)
        case wire.React():
            return Signal("react", author_id, author_id, seq=frame.seq, emoji=frame.emoji, active=frame.on)
        case wire.PollVote():
            return Signal("poll_vote", author_id, author_id, seq=frame.seq, option=frame.option)
        case wire.Mute():
            return Signal("mute", author_id, frame.account_id, active=frame.muted)
        case wire.Seen():
            return Signal("seen", author_id, author_id, seq=frame.seq)
