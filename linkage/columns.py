"""Columns: the distinct values of a column and which of them each row has; what repeats is read once."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]


class Coded(Sequence[str | None]):
    """A column of a table, coded: row i holds `values[codes[i]]`, and `None` is missing.

    Reads like a list of its values and equals one; a slice is a view of the same values.
    """

    __slots__ = ("codes", "learned", "values")

    def __init__(self, values: Sequence[str | None], codes: Codes) -> None:
        self.values = values
        self.codes = codes
        self.learned: dict[object, dict[int, tuple[str, ...]]] = {}
        """What was read in the values, by code and by way of reading, for the next who asks."""

    @classmethod
    def of(cls, column: Sequence[str | None]) -> "Coded":
        """A column as it is, or a list coded in order of first occurrence."""
        if isinstance(column, Coded):
            return column
        values = list(dict.fromkeys(column))
        place = {value: code for code, value in enumerate(values)}
        codes = np.fromiter(map(place.__getitem__, column), dtype=np.int32, count=len(column))
        return cls(values, codes)

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice) -> "Coded": ...
    def __getitem__(self, place: int | slice) -> "str | Coded | None":
        if isinstance(place, slice):
            return self._like(self.codes[place])
        return self.values[int(self.codes[place])]

    def __iter__(self) -> Iterator[str | None]:
        return map(self.values.__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have no hash either

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "Coded":
        """Some rows, in the order given."""
        return self._like(self.codes[np.asarray(rows, dtype=np.intp)])

    def _like(self, codes: Codes) -> "Coded":
        other = Coded(self.values, codes)
        other.learned = self.learned
        return other

    def first_row(self, code: int) -> int:
        """The first row that has a value of this code."""
        return int(np.argmax(self.codes == code))

    def rows_of(self, codes: Sequence[int]) -> NDArray[np.intp]:
        """All rows that have one of some values, ascending."""
        chosen = np.zeros(len(self.values), dtype=np.bool_)
        chosen[list(codes)] = True
        return np.flatnonzero(chosen[self.codes])
