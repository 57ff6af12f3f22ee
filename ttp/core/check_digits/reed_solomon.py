"""A Reed–Solomon code over the field of the alphabet's size: any ``detected_errors`` wrong characters are found.

The body and its check characters are the coefficients of a polynomial that vanishes at successive powers of a
generator of the field (I. S. Reed and G. Solomon 1960); their number is less than the alphabet's size.
"""

from __future__ import annotations

from ttp.core.check_digits.finite_field import Field, field_of
from ttp.core.check_digits.linear_code import LinearCode
from ttp.core.errors import InvalidField


class ReedSolomon(LinearCode):
    """The systematic code for bodies of this length."""

    def __init__(self, alphabet: str, length: int, detected_errors: int) -> None:
        field = field_of(len(alphabet))
        if length + detected_errors > field.size - 1:
            raise InvalidField(
                "Characters and check characters together are fewer than the alphabet's characters."
            )
        divisor = _divisor(field, detected_errors)
        remainders = _remainders(field, divisor, length)
        weights = [
            [field.minus[0][remainder[check]] for remainder in remainders]
            for check in range(detected_errors)
        ]
        super().__init__(alphabet, field, weights)


def _divisor(field: Field, degree: int) -> list[int]:
    """The product of x - g, x - g², …: its coefficients, the highest (which is 1) first."""
    found = [1]
    for exponent in range(1, degree + 1):
        root = field.power(field.generator, exponent)
        shifted = [field.times[field.minus[0][root]][one] for one in found]
        found = [
            field.plus[high][low] for high, low in zip([*found, 0], [0, *shifted], strict=True)
        ]
    return found


def _remainders(field: Field, divisor: list[int], length: int) -> list[list[int]]:
    """What the power of x of each place of the body leaves when divided, the first place first."""
    tail = [field.minus[0][one] for one in divisor[1:]]  # what x to the degree leaves
    found = [tail]
    while len(found) < length:
        last = found[-1]
        carried = [field.times[last[0]][one] for one in tail]
        found.append([field.plus[a][b] for a, b in zip([*last[1:], 0], carried, strict=True)])
    return found[::-1]
