"""Verhoeff's decimal check digit, as published and as gPAS computes it.

As published, all single errors and all exchanges of neighbors are found, those with the check digit included. gPAS
begins the permutations one place later and leaves out the final inverse: more than half of the exchanges of the last
digit with the check digit pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.check_digits.dihedral import INVERSES, PRODUCTS
from ttp.core.check_digits.method import OneByOne, positions, require_ten

_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
PERIOD = 8


def _powers() -> tuple[tuple[int, ...], ...]:
    found = [tuple(range(10))]
    while len(found) < PERIOD:
        found.append(tuple(_PERMUTATION[place] for place in found[-1]))
    return tuple(found)


class Verhoeff(OneByOne):
    """The textbook method: digits count from the right, the check digit stands at place 0."""

    _first = 1
    _ends = INVERSES

    def __init__(self, alphabet: str) -> None:
        require_ten(alphabet)
        self._positions = positions(alphabet)
        self._last = [alphabet[end] for end in self._ends]
        turned = [*_powers()[self._first :], *_powers()[: self._first]]
        self._next = [
            [[PRODUCTS[state][power[digit]] for digit in range(10)] for state in range(10)]
            for power in turned
        ]

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """The check digit of each body."""
        table, last = self._positions, self._last
        steps = self._next * (max(map(len, bodies), default=0) // PERIOD + 1)
        found = []
        for body in bodies:
            state = 0
            for step, digit in zip(steps, body.encode("ascii").translate(table)[::-1]):  # noqa: B905 - steps last longer
                state = step[state][digit]
            found.append(last[state])
        return found


class GpasVerhoeff(Verhoeff):
    """What gPAS calls Verhoeff."""

    _first = 0
    _ends = tuple(range(10))
