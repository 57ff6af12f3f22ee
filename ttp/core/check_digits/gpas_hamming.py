"""What gPAS calls HammingCode: division of polynomials with 32 residues by irreducible binary polynomials.

The coefficients are added modulo 32 and not in a field, so this is no Hamming code of the textbooks; single errors
and exchanges of neighbors are found all the same. The number of check characters grows with the body.
"""

from __future__ import annotations

from operator import mul

from ttp.core.check_digits.method import OneByOne, positions
from ttp.core.errors import InvalidField

_SIZE = 32
_DIVISORS = {1: (2, 1), 4: (3, 1), 11: (4, 1), 26: (5, 2), 57: (6, 1), 120: (7, 3)}
"""By the longest body: degree d and exponent e of the divisor x^d + x^e + 1."""


class GpasHamming(OneByOne):
    """The remainder of the body times x to the degree, negated, as weights of its characters."""

    def __init__(self, alphabet: str, length: int) -> None:
        if len(alphabet) != _SIZE:
            raise InvalidField("These check digits need an alphabet with 32 characters.")
        if length > max(_DIVISORS):
            raise InvalidField(f"These check digits serve at most {max(_DIVISORS)} characters.")
        self._alphabet, self._positions = alphabet, positions(alphabet)
        self.count, middle = next(
            divisor for longest, divisor in _DIVISORS.items() if length <= longest
        )
        remainders = _remainders(self.count, middle, length)
        self._weights = [[-one[check] % _SIZE for one in remainders] for check in range(self.count)]

    def of(self, body: str) -> str:
        """The check characters of the body."""
        places, alphabet = body.encode("ascii").translate(self._positions), self._alphabet
        return "".join(
            alphabet[sum(map(mul, weights, places)) % _SIZE] for weights in self._weights
        )


def _remainders(degree: int, middle: int, length: int) -> list[list[int]]:
    """What x to the power of each place leaves when divided by x^degree + x^middle + 1, the first place first."""
    tail = [0] * degree
    tail[degree - 1 - middle] -= 1
    tail[-1] -= 1
    found = [tail]
    while len(found) < length:
        last = found[-1]
        shifted = zip([*last[1:], 0], tail, strict=True)
        found.append([(one + last[0] * other) % _SIZE for one, other in shifted])
    return found[::-1]
