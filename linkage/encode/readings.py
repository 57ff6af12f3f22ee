"""Readings: the columns of a table as an encoder sees them; each distinct value is normalized once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.columns import Coded, Codes
from linkage.errors import RecordInvalid
from linkage.normalize import Parts, Unreadable
from linkage.readable import Reading, reading_of
from linkage.records import RecordTable, RowProblem
from linkage.schema import Field, LinkageSchema


class Readings:
    """The columns of one table, coded, and the parts of the values that were asked for."""

    def __init__(self, table: RecordTable, schema: LinkageSchema) -> None:
        self._table = table
        self._readings = {column: reading_of(schema, column) for column in schema.columns}
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
        reading = self._readings[column]
        known = self.coded(column).learned.setdefault(reading, {})
        for code in codes:
            if code not in known:
                known[code] = self._read(column, code, reading)
        return [known[code] for code in codes]

    def field_parts(self, field: Field, codes: Sequence[int]) -> list[Parts]:
        """Parts as a field hashes them: for a missing value what the field puts in its place."""
        parts = self.parts(field.column, codes)
        if field.missing_as is None:
            return parts
        values, instead = self.coded(field.column).values, (field.missing_as,)
        return [
            instead if (values[code] or "") == field.missing_if else one
            for code, one in zip(codes, parts, strict=True)
        ]

    def memory(self, owner: object, column: str, generation: int) -> NDArray[np.int32]:
        """What an owner noted for each code of a column, -1 where nothing; empty in a new generation."""
        noted = self._memory.get((id(owner), column))
        if noted is None or noted[0] != generation:
            blank = np.full(len(self.coded(column).values), -1, dtype=np.int32)
            noted = self._memory[id(owner), column] = (generation, blank)
        return noted[1]

    def _read(self, column: str, code: int, reading: Reading) -> Parts:
        coded = self.coded(column)
        try:
            return reading(coded.values[code])
        except Unreadable as error:
            row = self._table.row_numbers[coded.first_row(code)]
            problem = RowProblem(row, column, error.code)
            raise RecordInvalid(self._table.source, [problem]) from None


def distinct(codes: NDArray[np.integer]) -> list[int]:
    """The different codes that occur, ascending."""
    return np.flatnonzero(np.bincount(codes)).tolist() if len(codes) else []
