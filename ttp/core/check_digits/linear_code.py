"""Systematic linear codes: each check character is a sum of multiples of the body's characters, in a finite field."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.check_digits.finite_field import Field
from ttp.core.check_digits.method import OneByOne, positions


class LinearCode(OneByOne):
    """The code whose check characters are ``weights[check][place]`` times the character at that place, summed."""

    def __init__(self, alphabet: str, field: Field, weights: Sequence[Sequence[int]]) -> None:
        self.count = len(weights)
        self._alphabet, self._positions, self._plus = alphabet, positions(alphabet), field.plus
        self._rows = [[field.times[weight] for weight in row] for row in weights]

    def of(self, body: str) -> str:
        """The check characters of the body."""
        places = body.encode("ascii").translate(self._positions)
        plus, found = self._plus, []
        for rows in self._rows:
            total = 0
            for row, place in zip(rows, places, strict=True):
                total = plus[total][row[place]]
            found.append(self._alphabet[total])
        return "".join(found)
