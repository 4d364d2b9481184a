"""Who asks, the ids of what the demo school has, and calls that are accepted with them."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from typing import Any
from uuid import UUID

import aiohttp
from yarl import URL

from dev import demo, tls
from dev.gateway_client import Api, trust
from dev.stack import Stack
from tests.scan.calls import Call

ROUNDS = 2  # a list leads to things, those to lists of their own
TRIED = 5  # of each kind
CORRECTIONS = 8
WRONG = {400, 422}
ORDER = ("post", "put", "patch", "get", "delete")  # what is made is then read
Known = dict[str, list[str]]


async def people(stack: Stack, url: str, opened: AsyncExitStack) -> dict[str, Api]:
    """One signed-in person of the demo school for each role."""
    context = trust(tls.authority_file(stack.state.tls), insecure=False)
    found: dict[str, Api] = {}
    for account in [demo.ADMIN, *demo.people()]:
        if account.role not in found:
            api = Api(url, account.email, demo.PASSWORD, context, patience=60)
            found[account.role] = await opened.enter_async_context(api)
            if not await api.login():
                raise RuntimeError(f"{account.email} is not known: make the demo school first")
    return found


class Ground:
    """What each role has seen of the school, by asking with what it had seen before."""

    def __init__(self, session: aiohttp.ClientSession, origins: dict[str, str], asked: Sequence[Call]) -> None:
        self._session = session
        self._origins = origins
        self._asked = asked
        self._known: dict[str, Known] = {role: {} for role in origins}
        paths = {(call.service, call.path.rpartition("/{")[0]): call.path for call in asked if call.path.endswith("}")}
        self._own = {place: path.rpartition("/{")[2].rstrip("}") for place, path in paths.items()}

    async def settle(self, chosen: Sequence[Call]) -> None:
        """Give each of these values with which it is accepted, as far as there are any."""
        services = {"classroom", *(call.service for call in chosen)}  # whose ids the others know too
        reads = [call for call in self._asked if call.method == "get" and call.service in services]
        for _ in range(ROUNDS):
            for call in reads:
                await self._tried(call, all_of_them=True)
        for call in sorted(chosen, key=lambda call: ORDER.index(call.method)):
            await self._tried(call)

    async def _tried(self, call: Call, *, all_of_them: bool = False) -> None:
        accepted: tuple[dict[str, str], dict[str, str]] | None = None
        for ids, query in self._choices(call):
            call.ids, call.query = ids, query
            await self._corrected(call)
            if call.answered < 400:
                accepted = accepted or (call.ids, call.query)
                if not all_of_them:
                    break
        if accepted:
            (call.ids, call.query), call.answered = accepted, 200

    def _choices(self, call: Call) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
        """The ids at hand; what is deleted is not there, since the others need what is."""
        known = self._known[call.role] if call.method != "delete" else {}
        ids = {name: known.get(name, [value])[0] for name, value in call.ids.items()}
        query = {name: known.get(name, [value])[0] for name, value in call.query.items()}
        last = next(reversed(ids), None)
        for value in known.get(last or "", [ids[last]] if last else [""])[:TRIED]:
            yield (ids | {last: value} if last else ids), dict(query)

    async def _corrected(self, call: Call) -> None:
        """Ask, leaving out what the answer says is wrong, until it is accepted or refused for another reason."""
        call.body = whole = _with_known(call.body, self._known[call.role])
        for _ in range(CORRECTIONS):
            told = await self._asked_once(call)
            if call.answered not in WRONG:
                return
            errors = told.get("errors", [])
            if any(error["code"] == "missing" for error in errors):
                break
            call.body = deepcopy(call.body)
            if not any([_without(call, error["field"]) for error in errors]):  # noqa: C419 - all of them
                return
        call.body = whole

    async def _asked_once(self, call: Call) -> Any:
        sent: dict[str, Any] = {} if call.body is None else {"json": call.body}
        target = URL(self._origins[call.role] + call.url(), encoded=True)
        async with self._session.request(call.method, target, **sent) as answer:
            call.answered = answer.status
            told = await answer.json(content_type=None) if "json" in answer.content_type else {}
        if answer.status < 400:
            harvest(told, self._known[call.role], self._own.get((call.service, call.path), ""))
        return told


def _with_known(body: Any, known: Known) -> Any:
    """With ids of what there is; a list of ids of which none is known is empty, lest the others be refused with it."""
    match body:
        case dict():
            return {key: _known_value(key, value, known) for key, value in body.items()}
        case list():
            return [_with_known(value, known) for value in body]
    return body


def _known_value(name: str, value: Any, known: Known) -> Any:
    if is_id(value) and name in known:
        return known[name][0]
    if isinstance(value, list) and all(map(is_id, value)):
        return known.get(name.removesuffix("s"), [])[:1]
    return _with_known(value, known)


def _without(call: Call, place: str) -> bool:
    """Leave out one field of the body, or a parameter that need not be there; False if there was none."""
    where, *way = place.split(".")
    if where == "query" and way and way[0] in call.query and way[0] in call.optional:
        del call.query[way[0]]
        return True
    inside = call.body
    for step in way[:-1]:
        inside = _within(inside, step)
    if where == "body" and way and isinstance(inside, dict) and way[-1] in inside:
        del inside[way[-1]]
        return True
    return False


def _within(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None


def harvest(found: Any, known: Known, own: str) -> None:
    """Keep the ids in an answer; `own` is the name of an item's own `id`."""
    match found:
        case dict():
            for key, value in found.items():
                name = own if key == "id" else key
                if name.endswith("_id") and is_id(value) and value not in known.setdefault(name, []):
                    known[name].append(value)
                harvest(value, known, own if key == "items" else f"{key.removesuffix('s')}_id")
        case list():
            for item in found:
                harvest(item, known, own)


def is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False
