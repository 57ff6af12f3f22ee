"""The dihedral group of the pentagon: ten elements that do not commute, so that exchanged neighbors show.

Elements 0 to 4 are the rotations, 5 to 9 the reflections (Verhoeff, Error Detecting Decimal Codes, 1969).
"""

from __future__ import annotations


def product(left: int, right: int) -> int:
    """The group's operation."""
    turn = left + right if left < 5 else left - right
    return turn % 5 + (0 if (left < 5) is (right < 5) else 5)


def inverse(element: int) -> int:
    """The element that undoes this one; a reflection undoes itself."""
    return -element % 5 if element < 5 else element


PRODUCTS = tuple(tuple(product(left, right) for right in range(10)) for left in range(10))
INVERSES = tuple(inverse(element) for element in range(10))
