"""Group commit: what arrives in a moment is run together, one run at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chassis.errors import Unavailable
from chassis.logging import get_logger

log = get_logger(__name__)

I = TypeVar("I")  # noqa: E741 - item in
O = TypeVar("O")  # noqa: E741 - outcome
T = TypeVar("T")

Run = Callable[[Sequence[I]], Awaitable[Sequence[O]]]
# Takes the outcome, or what kept the run from having one.
Answer = Callable[[O | Exception], None]


def _never(_: object) -> bool:
    return False


@dataclass(slots=True)
class _Waiting(Generic[I, O]):
    item: I
    answers: "list[Answer[O]]" = field(default_factory=list)

    def tell(self, outcome: O | Exception) -> None:
        for answer in self.answers:
            _call(answer, outcome)


class Group(Generic[I, O]):
    """Runs items in the order of their arrival.

    The first of a quiet time runs at once; the next run begins `window` seconds after it at the earliest, with at most
    `most` items. An item for which `alone` holds runs by itself; while one waits, no run waits for the window: else a
    few such items a second would take all runs there are. `after` is called once a run's answers are out.
    """

    def __init__(
        self,
        run: "Run[I, O]",
        after: Callable[[Sequence[O]], None],
        *,
        window: float,
        most: int,
        backlog: int,
        alone: Callable[[I], bool] = _never,
    ) -> None:
        self._run = run
        self._after = after
        self._window = window
        self._most = most
        self._backlog = backlog
        self._alone = alone
        self._waiting: dict[Hashable, _Waiting[I, O]] = {}
        self._runner: asyncio.Task[None] | None = None
        self._ran_at = float("-inf")

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing runs."""
        return self._runner is None

    def submit(self, key: Hashable, item: I, answer: "Answer[O]") -> None:
        """Have `answer` called with the outcome. A waiting item of the same key is replaced; both get the one outcome.

        Raises Unavailable when too much waits already.
        """
        if len(self._waiting) >= self._backlog:
            raise Unavailable("Too much waits to be stored; try again.", code="overloaded")
        waiting = self._waiting.setdefault(key, _Waiting(item))
        waiting.item = item
        waiting.answers.append(answer)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run_all())

    async def _run_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                if (early := self._ran_at + self._window - loop.time()) > 0 and not self._has_alone():
                    await asyncio.sleep(early)
                self._ran_at = loop.time()
                await self._run_some(self._next())
        finally:
            self._runner = None

    def _has_alone(self) -> bool:
        return any(self._alone(waiting.item) for waiting in self._waiting.values())

    def _next(self) -> "list[_Waiting[I, O]]":
        taken: list[_Waiting[I, O]] = []
        for key, waiting in list(self._waiting.items())[: self._most]:
            if taken and self._alone(waiting.item):
                break
            taken.append(self._waiting.pop(key))
            if self._alone(waiting.item):
                break
        return taken

    async def _run_some(self, taken: "list[_Waiting[I, O]]") -> None:
        try:
            outcomes = await self._run([waiting.item for waiting in taken])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for waiting in taken:
                waiting.tell(error)
            return
        for waiting, outcome in zip(taken, outcomes, strict=True):
            waiting.tell(outcome)
        _call(self._after, outcomes)


def _call(callback: Callable[[T], None], argument: T) -> None:
    """One that fails keeps nobody else from theirs."""
    try:
        callback(argument)
    except Exception:
        log.exception("group_callback_failed")
