"""From cells to totals, in exact decimals.

A group's percent is the mean of its works, each alike or each by its points, without what the drop rules leave out:
the maximum over the sets of lowest works of the minimum over the sets of highest works. The total is the weighted mean
of the groups that have anything. Raising a score never lowers a total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Literal, NamedTuple

from grading.domain import rounded
from grading.gradebook.works import Cell, State, Work
from grading.policies.models import EVERYTHING, Combine, Group, Policy, Weighting

_WIDE = Context(prec=60)
Dropped = Literal["lowest", "highest"]
_NEAR = Decimal("1E-30")
_ZERO, _ONE = Decimal(0), Decimal(1)
_TO_COME = (State.MISSING, State.OPEN, State.HANDED_IN)


class Item(NamedTuple):
    """A work that counts for a student: its percent, its weight within its group, and whether a rule leaves it out."""

    place: int
    percent: Decimal
    points: Decimal
    dropped: Dropped | None = None


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """A group's works and what they come to; a null percent: nothing counts yet."""

    key: str
    weight: Decimal
    items: Sequence[Item]
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Total:
    """A student's total with all it is made of."""

    percent: Decimal | None
    groups: Sequence[GroupTotal]


def groups_of(policy: Policy) -> list[Group]:
    """The policy's groups; what is not grouped is one."""
    if policy.weighting is Weighting.NONE:
        return list(policy.groups) or [Group(key=EVERYTHING)]
    return list(policy.groups)


def current_total(works: Sequence[Work], cells: Sequence[Cell], policy: Policy) -> Total:
    """Of what there is by now: results, and overdue work where the policy says what it counts as."""
    return _total(works, cells, [_so_far(cell, policy) for cell in cells], policy)


def final_total(works: Sequence[Work], cells: Sequence[Cell], policy: Policy) -> Total:
    """As if nothing more came: whatever has no result counts as missing work, as nothing where no policy says."""
    percents = [_in_the_end(cell, work, policy) for cell, work in zip(cells, works, strict=True)]
    return _total(works, cells, percents, policy)


def _so_far(cell: Cell, policy: Policy) -> Decimal | None:
    return policy.missing if cell.counted is None and cell.state is State.MISSING else cell.counted


def _in_the_end(cell: Cell, work: Work, policy: Policy) -> Decimal | None:
    if cell.counted is None and cell.state in _TO_COME and work.points is not None:
        return policy.missing or _ZERO
    return cell.counted


def _total(works: Sequence[Work], cells: Sequence[Cell], percents: Sequence[Decimal | None], policy: Policy) -> Total:
    members: dict[str, list[Item]] = {}
    alike = policy.combine is Combine.PERCENTS
    for place, (work, cell, percent) in enumerate(zip(works, cells, percents, strict=True)):
        if percent is not None:
            points = _ONE if alike else cell.max_score or work.points or _ZERO
            members.setdefault(work.group, []).append(Item(place, percent, points))
    groups = [_group_total(group, members.get(group.key, [])) for group in groups_of(policy)]
    counted = [(group.percent, group.weight) for group in groups if group.percent is not None]
    return Total(_mean(counted), groups)


def _group_total(group: Group, items: list[Item]) -> GroupTotal:
    lowest = min(group.drop_lowest, max(len(items) - 1, 0))
    highest = min(group.drop_highest, max(len(items) - 1 - lowest, 0))
    marked = _dropped(items, lowest, highest) if lowest or highest else items
    kept = [(item.percent, item.points) for item in marked if item.dropped is None]
    return GroupTotal(group.key, group.weight, marked, _mean(kept))


def _mean(weighted: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The weighted mean, to ten digits; None without any weight."""
    with localcontext(_WIDE):
        weight = sum((weight for _, weight in weighted), _ZERO)
        return rounded(sum((value * weight for value, weight in weighted), _ZERO) / weight) if weight else None


def _dropped(items: Sequence[Item], lowest: int, highest: int) -> list[Item]:
    """The items with those marked that the rules leave out, at least one staying.

    With t the value looked for, a set's mean reaches t just when the sum of its (percent - t)·points is at least 0, so
    against an opponent who takes away the highest the best to take away are the lowest by that measure. The value is
    where the rest's sum is 0: it falls as t grows, and is found by Newton's step inside a bracket. Where all points are
    the same, that order is the percents' for every t.
    """
    order = _order_of_value(items, lowest, highest)
    low, high = set(order[:lowest]), set(order[len(order) - highest :])
    return [
        Item(item.place, item.percent, item.points, "lowest" if n in low else "highest" if n in high else None)
        for n, item in enumerate(items)
    ]


def _order_of_value(items: Sequence[Item], lowest: int, highest: int) -> list[int]:
    if len({item.points for item in items}) == 1:
        return sorted(range(len(items)), key=lambda n: items[n].percent)
    with localcontext(_WIDE):
        bottom, top = min(item.percent for item in items), max(item.percent for item in items)
        level = (bottom + top) / 2
        while True:
            order = sorted(range(len(items)), key=lambda n: (_surplus(items[n], level), n))
            kept = [items[n] for n in order[lowest : len(items) - highest]]
            points = sum((item.points for item in kept), Decimal(0))
            if not points:
                return order
            value = sum((item.percent * item.points for item in kept), Decimal(0)) / points
            if abs(value - level) < _NEAR:
                return order
            bottom, top = (level, top) if value > level else (bottom, level)
            level = value if bottom < value < top else (bottom + top) / 2


def _surplus(item: Item, level: Decimal) -> Decimal:
    return (item.percent - level) * item.points


def letter_of(policy: Policy, percent: Decimal | None) -> str | None:
    """The letter of a total; None without a total, a scheme or a letter that low."""
    if percent is None:
        return None
    return next((letter.letter for letter in policy.letters if percent >= letter.at_least), None)
