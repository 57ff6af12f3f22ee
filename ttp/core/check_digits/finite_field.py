"""Finite fields with as many elements as an alphabet has characters: a prime, or a power of two up to 64."""

from __future__ import annotations

from functools import lru_cache

from ttp.core.errors import InvalidField

_POLYNOMIALS = {4: 0b111, 8: 0b1011, 16: 0b10011, 32: 0b100101, 64: 0b1000011}
"""Primitive polynomials over the field of two elements, by the size of the field they make."""


class Field:
    """Addition, subtraction and multiplication as tables; ``generator`` is an element whose powers are all others."""

    def __init__(self, size: int) -> None:
        if size not in _POLYNOMIALS and not is_prime(size):
            raise InvalidField(
                "These check digits need an alphabet whose size is a prime number or 4, 8, 16, 32 or 64."
            )
        self.size = size
        elements = range(size)
        binary = size in _POLYNOMIALS
        self.plus = [[a ^ b if binary else (a + b) % size for b in elements] for a in elements]
        self.minus = [[a ^ b if binary else (a - b) % size for b in elements] for a in elements]
        self.times = [
            [_times(a, b, size) if binary else a * b % size for b in elements] for a in elements
        ]
        self.generator = next(one for one in range(1, size) if self._generates(one))

    def power(self, element: int, exponent: int) -> int:
        """The element multiplied with itself."""
        found = 1
        for _ in range(exponent):
            found = self.times[found][element]
        return found

    def inverse(self, element: int) -> int:
        """The element whose product with this one is 1."""
        return self.times[element].index(1)

    def _generates(self, element: int) -> bool:
        return len({self.power(element, one) for one in range(self.size - 1)}) == self.size - 1


@lru_cache(maxsize=64)
def field_of(size: int) -> Field:
    """The field of this size.

    Raises:
        InvalidField: there is none, or none that is supported.
    """
    return Field(size)


def is_prime(number: int) -> bool:
    """Whether nothing but 1 and the number itself divides it."""
    return number > 1 and all(number % one for one in range(2, int(number**0.5) + 1))


def _times(left: int, right: int, size: int) -> int:
    found = 0
    while right:
        if right & 1:
            found ^= left
        left, right = left << 1, right >> 1
        if left & size:
            left ^= _POLYNOMIALS[size]
    return found
