"""Hamming's code over the field of the alphabet's size: any two wrong characters are found, exchanges included.

The columns of the parity check matrix are one vector of each line through the origin, so that any two of them are
independent and the distance is 3 (R. W. Hamming 1950, over larger fields: Golay 1949). Two check characters serve
bodies of up to n - 1 characters, three up to n² + n - 2, for an alphabet of n.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from ttp.core.check_digits.finite_field import Field, field_of
from ttp.core.check_digits.linear_code import LinearCode


class Hamming(LinearCode):
    """The systematic code for bodies of this length."""

    def __init__(self, alphabet: str, length: int) -> None:
        field = field_of(len(alphabet))
        checks = 2
        while (field.size**checks - 1) // (field.size - 1) - checks < length:
            checks += 1
        columns = list(islice(_columns(field, checks), length))
        weights = [[field.minus[0][column[check]] for column in columns] for check in range(checks)]
        super().__init__(alphabet, field, weights)


def _columns(field: Field, checks: int) -> Iterator[tuple[int, ...]]:
    return (
        vector
        for vector in product(range(field.size), repeat=checks)
        if sum(map(bool, vector)) > 1 and next(filter(None, vector)) == 1
    )
