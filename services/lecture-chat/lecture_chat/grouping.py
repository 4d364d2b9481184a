"""Group commit: what arrives in a moment is run together, one run at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chassis.errors import Unavailable

I = TypeVar("I")  # noqa: E741 - item in
O = TypeVar("O")  # noqa: E741 - outcome

Run = Callable[[Sequence[I]], Awaitable[Sequence[O]]]


def _never(_: object) -> bool:
    return False


def _nothing(_: object) -> None:
    return None


@dataclass(slots=True)
class _Waiting(Generic[I, O]):
    item: I
    answers: "list[asyncio.Future[O]]" = field(default_factory=list)


class Group(Generic[I, O]):
    """Runs items in the order of their arrival.

    The first of a quiet time runs at once; the next run begins `window` seconds after it at the earliest, with at most
    `most` items. An item for which `alone` holds runs by itself. `after` is called once a run's answers are out.
    """

    def __init__(
        self,
        run: "Run[I, O]",
        *,
        window: float,
        most: int,
        backlog: int,
        alone: Callable[[I], bool] = _never,
        after: Callable[[Sequence[O]], None] = _nothing,
    ) -> None:
        self._run = run
        self._window = window
        self._most = most
        self._backlog = backlog
        self._alone = alone
        self._after = after
        self._waiting: dict[Hashable, _Waiting[I, O]] = {}
        self._runner: asyncio.Task[None] | None = None
        self._ran_at = float("-inf")

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing runs."""
        return self._runner is None

    def submit(self, key: Hashable, item: I) -> "asyncio.Future[O]":
        """The outcome to come. A waiting item of the same key is replaced, and both get the one outcome.

        Raises Unavailable when too much waits already.
        """
        if len(self._waiting) >= self._backlog:
            raise Unavailable("Too much waits to be stored; try again.", code="overloaded")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[O] = loop.create_future()
        waiting = self._waiting.setdefault(key, _Waiting(item))
        waiting.item = item
        waiting.answers.append(answer)
        if self._runner is None:
            self._runner = loop.create_task(self._run_all())
        return answer

    async def _run_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await asyncio.sleep(max(0.0, self._ran_at + self._window - loop.time()))
                self._ran_at = loop.time()
                await self._run_some(self._next())
        finally:
            self._runner = None

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
                _fail(waiting.answers, error)
            return
        for waiting, outcome in zip(taken, outcomes, strict=True):
            _answer(waiting.answers, outcome)
        # The callbacks of the answers were scheduled first, and so run first.
        asyncio.get_running_loop().call_soon(self._after, outcomes)


def _answer(answers: "list[asyncio.Future[O]]", outcome: O) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_result(outcome)


def _fail(answers: "list[asyncio.Future[O]]", error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
