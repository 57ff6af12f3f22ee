"""Damm's decimal check digit, as published and as gPAS computes it.

The quasigroup is totally anti-symmetric (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004): read from the left,
all single errors and all exchanges of neighbors are found, those with the check digit included. gPAS reads from the
right, and a part of the exchanges of the last digit with the check digit passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.check_digits.method import OneByOne, positions, require_ten

_ROWS = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
QUASIGROUP = tuple(tuple(int(cell) for cell in row) for row in _ROWS)


class Damm(OneByOne):
    """The textbook method, from the left."""

    _direction = 1

    def __init__(self, alphabet: str) -> None:
        require_ten(alphabet)
        self._positions, self._alphabet = positions(alphabet), alphabet

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """The check digit of each body."""
        table, direction, alphabet = self._positions, self._direction, self._alphabet
        found = []
        for body in bodies:
            state = 0
            for digit in body.encode("ascii").translate(table)[::direction]:
                state = QUASIGROUP[state][digit]
            found.append(alphabet[state])
        return found


class GpasDamm(Damm):
    """What gPAS calls Damm."""

    _direction = -1
