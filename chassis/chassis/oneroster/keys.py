"""Sets of keys for files of a million rows: eight bytes a key."""

from array import array
from bisect import bisect_left
from collections.abc import Hashable
from itertools import pairwise

_MASK = 2**64 - 1


class Keys:
    """A growing list of 64-bit numbers that, once sorted, answers what is in it and what is in it twice."""

    def __init__(self) -> None:
        self._numbers = array("Q")

    @staticmethod
    def number(key: Hashable) -> int:
        """The number that stands for a key: itself for an integer, else a hash, almost never shared."""
        return key if isinstance(key, int) else hash(key) & _MASK

    def add(self, number: int | None) -> None:
        """Append a number from 0 to 2^64 - 1; None adds nothing."""
        if number is not None:
            self._numbers.append(number)

    def sort(self) -> None:
        """Make ready for `in`."""
        self._numbers = array("Q", sorted(self._numbers))

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number

    def repeated(self) -> set[int]:
        """The numbers that were added more than once (sorts)."""
        self.sort()
        return {first for first, second in pairwise(self._numbers) if first == second}


def pair(first: int, second: int) -> int:
    """One key of two positions below 2^32."""
    return first << 32 | second
