"""What gPAS calls ReedSolomonLagrange: the body's characters are values of a polynomial, which is read further.

Blocks of p - d characters (p: a prime number of characters in the alphabet, d: errors to be found) each get d check
characters, the values that the polynomial through the block takes next; those of all blocks follow the whole body.
"""

from __future__ import annotations

from functools import reduce
from operator import mul

from ttp.core.check_digits.finite_field import is_prime
from ttp.core.check_digits.method import OneByOne, positions
from ttp.core.errors import InvalidField


class GpasReedSolomon(OneByOne):
    """Extrapolation modulo the alphabet's size, block by block."""

    def __init__(self, alphabet: str, length: int, detected_errors: int) -> None:
        size = len(alphabet)
        if size < 3 or not is_prime(size):
            raise InvalidField("These check digits need an alphabet whose size is a prime number.")
        if size <= detected_errors + 1:
            raise InvalidField("The alphabet is too small to detect so many errors.")
        self._alphabet, self._positions = alphabet, positions(alphabet)
        self._block = size - detected_errors
        blocks = -(-length // self._block)
        self.count = blocks * detected_errors
        lengths = {min(self._block, length - start) for start in range(0, length, self._block)}
        self._weights = {one: _weights(one, detected_errors, size) for one in lengths}

    def of(self, body: str) -> str:
        """The check characters of the body."""
        places, size = body.encode("ascii").translate(self._positions), len(self._alphabet)
        found: list[str] = []
        for start in range(0, len(places), self._block):
            block = places[start : start + self._block]
            found += (
                self._alphabet[sum(map(mul, weights, block)) % size]
                for weights in self._weights[len(block)]
            )
        return "".join(found)


def _weights(length: int, further: int, size: int) -> list[list[int]]:
    """Lagrange's polynomials of the places 0, 1, …, at the places that follow (values modulo ``size``)."""
    return [
        [_lagrange(place, at, length, size) for place in range(length)]
        for at in range(length, length + further)
    ]


def _lagrange(place: int, at: int, length: int, size: int) -> int:
    others = [other for other in range(length) if other != place]
    above = reduce(lambda found, other: found * (at - other) % size, others, 1)
    below = reduce(lambda found, other: found * (place - other) % size, others, 1)
    return above * pow(below, -1, size) % size
