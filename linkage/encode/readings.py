"""Readings: the columns of a table as an encoder sees them; each distinct value is normalized once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.columns import Coded, Codes
from linkage.errors import RecordInvalid
from linkage.normalize import Parts, Unreadable, normalize
from linkage.records import RecordTable, RowProblem
from linkage.schema import LinkageSchema


class Readings:
    """The columns of one table, coded, and the parts of the values that were asked for."""

    def __init__(self, table: RecordTable, schema: LinkageSchema) -> None:
        self._table = table
        self._profile = schema.normalization
        self._kinds = schema.columns
        self._coded: dict[str, Coded] = {}
        self._memory: dict[tuple[int, str], tuple[int, NDArray[np.int32]]] = {}

    def __len__(self) -> int:
        return len(self._table)

    def has(self, column: str) -> bool:
        """Whether the table has the column."""
        return column in self._table.columns

    def coded(self, column: str) -> Coded:
        """The column with a code per row."""
        if column not in self._coded:
            self._coded[column] = Coded.of(self._table.columns[column])
        return self._coded[column]

    def codes(self, column: str, rows: slice) -> Codes:
        """The codes of some rows."""
        return self.coded(column).codes[rows]

    def parts(self, column: str, codes: Sequence[int]) -> list[Parts]:
        """Normalized parts of the values with these codes.

        Raises:
            RecordInvalid: a value cannot be read; its first row is named, never the value.
        """
        way = (self._profile, self._kinds[column])
        known = self.coded(column).learned.setdefault(way, {})
        for code in codes:
            if code not in known:
                known[code] = self._read(column, code)
        return [known[code] for code in codes]

    def memory(self, owner: object, column: str, generation: int) -> NDArray[np.int32]:
        """What an owner noted for each code of a column, -1 where nothing; empty in a new generation."""
        noted = self._memory.get((id(owner), column))
        if noted is None or noted[0] != generation:
            blank = np.full(len(self.coded(column).values), -1, dtype=np.int32)
            noted = self._memory[id(owner), column] = (generation, blank)
        return noted[1]

    def _read(self, column: str, code: int) -> Parts:
        coded = self.coded(column)
        value = coded.values[code]
        try:
            return normalize(value, kind=self._kinds[column], profile=self._profile)
        except Unreadable as error:
            raise self.refusal(column, code, error) from None

    def refusal(self, column: str, code: int, error: Unreadable) -> RecordInvalid:
        """The refusal of a value: its first row is named, never the value."""
        row = self._table.row_numbers[self.coded(column).first_row(code)]
        return RecordInvalid(self._table.source, [RowProblem(row, column, error.code)])


def distinct(codes: NDArray[np.integer]) -> list[int]:
    """The different codes that occur, ascending."""
    return np.flatnonzero(np.bincount(codes)).tolist() if len(codes) else []
