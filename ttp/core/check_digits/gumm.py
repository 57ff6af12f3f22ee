"""Gumm's decimal check digit over the dihedral group, and the variant that gPAS uses under the name VerhoeffGumm.

Rotations are inverted at every other place, reflections are turned by three more at each place (H. P. Gumm, Encoding
of Numbers to Detect Typing Errors, 1986): all single errors and all exchanges of neighbors are found. The variant
departs from this at every place but 1 to 5 modulo 10, so that some exchanges pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.check_digits.dihedral import INVERSES, PRODUCTS
from ttp.core.check_digits.method import OneByOne, positions, require_ten

PERIOD = 10
_SWAPS = {0: (1, 0, 3, 2, 4), 1: (4, 0, 2, 3, 1)}
"""How the variant maps rotations at even and at odd places where it departs."""


def _published(place: int) -> tuple[int, ...]:
    return tuple(range(5)) if place % 2 == 0 else INVERSES[:5]


def _variant(place: int) -> tuple[int, ...]:
    return _published(place) if 1 <= place % PERIOD <= 5 else _SWAPS[place % 2]


class GpasGumm(OneByOne):
    """The published method, which newer versions of gPAS offer as Gumm."""

    _rotations = staticmethod(_published)

    def __init__(self, alphabet: str) -> None:
        require_ten(alphabet)
        self._positions = positions(alphabet)
        self._last = [alphabet[end] for end in INVERSES]
        self._next = [self._step(place) for place in range(1, PERIOD + 1)]

    def _step(self, place: int) -> list[list[int]]:
        reflections = [(3 * place + digit) % 5 + 5 for digit in range(5)]
        mapped = [*self._rotations(place), *reflections]
        return [[PRODUCTS[mapped[digit]][state] for digit in range(10)] for state in range(10)]

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


class GpasVerhoeffGumm(GpasGumm):
    """What gPAS calls VerhoeffGumm."""

    _rotations = staticmethod(_variant)
