"""Rows of a table: many at once while they are good, or one by itself; both give the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ttp.client.files.cells import Dialect, Read, not_in, unquoted
from ttp.client.files.units import Asked, Place, Unfit, Unit


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is exchanged: its place in a row, its name and its domain."""

    at: int
    name: str
    domain: str


class RowBlock:
    """Good rows, each on a line of its own; ``before`` is the number of the row before them."""

    def __init__(
        self, dialect: Dialect, columns: Sequence[Column], read: Read, before: int, end: Place
    ) -> None:
        """Take the columns apart; every different cell is looked at once."""
        self._dialect, self._columns, self._read, self._before = dialect, columns, read, before
        self.end = end
        self.rows = len(read.rows)
        self._cells = [[row[column.at] for row in read.rows] for column in columns]
        self._says = [_values(cells, quoted=read.quoted) for cells in self._cells]
        said = [
            list(map(says.__getitem__, cells) if read.quoted else cells)
            for cells, says in zip(self._cells, self._says, strict=True)
        ]
        self.empty = _empty(said)
        self.asked = [
            (column.domain, list(filter(None, values)) if "" in says.values() else values)
            for column, values, says in zip(columns, said, self._says, strict=True)
        ]

    def asking(self, values: Mapping[str, Collection[str]]) -> list[int]:
        """Numbers of the rows that ask one of these values."""
        found: set[int] = set()
        for column, cells, says in zip(self._columns, self._cells, self._says, strict=True):
            sought = values.get(column.domain) or ()
            meant = {cell for cell, value in says.items() if value in sought}
            found.update(number for number, cell in enumerate(cells) if cell in meant)
        return sorted(found)

    def unit(self, number: int) -> Unit:
        """One of the rows."""
        last = number == self.rows - 1
        rest = self._read.line_end if self._read.ended or not last else ""
        end = Place(self.end.offset, self._before + number + 1)
        return row_unit(self._dialect, self._columns, self._read.rows[number], rest, end)

    def written(self, new: Mapping[str, Mapping[str, str]], left_out: Collection[int]) -> bytes:
        """The rows with other cells, quoted if they were or have to be."""
        rows = [list(row) for row in self._read.rows]
        for column, cells, says in zip(self._columns, self._cells, self._says, strict=True):
            told, at = self._formed(says, new.get(column.domain, {})), column.at
            for row, cell in zip(rows, cells, strict=True):
                row[at] = told[cell]
        join, line_end = self._dialect.delimiter.join, self._read.line_end
        kept = rows
        if left_out:
            kept = [row for number, row in enumerate(rows) if number not in left_out]
        ended = self._read.ended or self.rows - 1 in left_out
        text = line_end.join(map(join, kept)) + (line_end if ended and kept else "")
        return text.encode(self._dialect.encoding)

    def _formed(self, says: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
        """New cells by old ones; empty ones stay, and refused ones, which are left out."""
        like = self._dialect.like
        told = {
            cell: like(cell, new[value]) if value in new else cell for cell, value in says.items()
        }
        if not self._dialect.fits("".join(told.values())):
            raise Unfit(not_in(self._dialect.encoding))
        return told


def row_unit(
    dialect: Dialect, columns: Sequence[Column], cells: list[str], rest: str, end: Place
) -> Unit:
    """A good row and its line end; an empty line has no cells."""
    values = [(column, unquoted(cells[column.at])) for column in columns] if cells else []
    there = [(column, value) for column, value in values if value]
    asked = tuple(Asked(column.name, column.domain, value) for column, value in there)
    places = [column.at for column, _ in there]
    return Unit(end, asked, partial(_written, dialect, cells, rest, places))


def _written(
    dialect: Dialect, cells: list[str], rest: str, places: list[int], values: Sequence[str]
) -> bytes:
    """The row with other values in these cells, quoted if they were or have to be."""
    new = list(cells)
    for at, value in zip(places, values, strict=True):
        new[at] = dialect.like(cells[at], value)
    text = dialect.delimiter.join(new) + rest
    if not dialect.fits(text):
        raise Unfit(not_in(dialect.encoding))
    return text.encode(dialect.encoding)


def _values(cells: Sequence[str], *, quoted: bool) -> dict[str, str]:
    """What different cells say."""
    if quoted:
        return {cell: unquoted(cell) for cell in set(cells)}
    return dict(zip(cells, cells, strict=True))


def _empty(columns: Sequence[Sequence[str]]) -> int:
    """Rows in which no column says anything."""
    if len(columns) == 1:
        return columns[0].count("")
    return sum(not any(row) for row in zip(*columns, strict=True))
