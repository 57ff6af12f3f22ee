"""The hybrid system of ISO/IEC 7064, MOD n+1,n: one check character for an alphabet of n characters, n even.

Every substitution of one character is found, because 2 is invertible modulo n + 1, and every exchange of two
neighbors but few. MOD 11,10 and MOD 37,36 of the standard are this system for n = 10 and n = 36.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.check_digits.method import OneByOne, positions
from ttp.core.errors import InvalidField


class Iso7064(OneByOne):
    """The check character as a finite automaton: the product so far, and its successor for each character."""

    def __init__(self, alphabet: str) -> None:
        size = len(alphabet)
        if size % 2:
            raise InvalidField(
                "A check character needs an alphabet with an even number of characters."
            )
        self._positions = positions(alphabet)
        self._start = size
        self._next = [
            [2 * ((product + place) % size or size) % (size + 1) for place in range(size)]
            for product in range(size + 1)
        ]
        self._last = [alphabet[(size + 1 - product) % size] for product in range(size + 1)]

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """The check character of each body."""
        table, following, last, start = self._positions, self._next, self._last, self._start
        found = []
        for body in bodies:
            product = start
            for place in body.encode("ascii").translate(table):
                product = following[product][place]
            found.append(last[product])
        return found
