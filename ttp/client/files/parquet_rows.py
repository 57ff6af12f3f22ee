"""Rows of a Parquet file: the values of some columns, and the line that tells their new ones.

A line is ``[rows, [numbers of those left out], [[values of a column], …]]``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import orjson

from ttp.client.files.units import Asked, Place, Unit


class ParquetBlock:
    """Rows that follow one another; nulls and empty texts ask nothing and stay."""

    def __init__(
        self,
        columns: Sequence[tuple[str, str]],
        values: Sequence[Sequence[str | None]],
        before: int,
    ) -> None:
        """Columns by name and domain, their values, and how many rows stand before these."""
        self._columns, self._values, self._before = columns, values, before
        self.rows = len(values[0])
        self.end = Place(before + self.rows, before + self.rows)
        self.asked = [
            (domain, [value for value in of if value])
            for (_, domain), of in zip(columns, values, strict=True)
        ]
        asking = len(self.asked[0][1])
        if len(columns) > 1:
            asking = sum(map(any, zip(*values, strict=True)))
        self.empty = self.rows - asking

    def asking(self, values: Mapping[str, Collection[str]]) -> list[int]:
        """Numbers of the rows that ask one of these values."""
        found: set[int] = set()
        for (_, domain), column in zip(self._columns, self._values, strict=True):
            sought = values.get(domain, ())
            found.update(number for number, value in enumerate(column) if value in sought)
        return sorted(found)

    def unit(self, number: int) -> Unit:
        """One of the rows."""
        row = self._before + number + 1
        values = [column[number] for column in self._values]
        asked = tuple(
            Asked(name, domain, value)
            for (name, domain), value in zip(self._columns, values, strict=True)
            if value
        )
        return Unit(Place(row, row), asked, lambda new: _line(1, [], _spread(values, new)))

    def written(self, new: Mapping[str, Mapping[str, str]], left_out: Collection[int]) -> bytes:
        """The line of these rows."""
        told = []
        for (_, domain), column in zip(self._columns, self._values, strict=True):
            of = new.get(domain, {})
            values = [of.get(value, value) if value else value for value in column]
            if left_out:
                values = [value for n, value in enumerate(values) if n not in left_out]
            told.append(values)
        return _line(self.rows, sorted(left_out), told)


def _spread(values: Sequence[str | None], new: Sequence[str]) -> list[list[str | None]]:
    """New values in the places of those that are there."""
    told = iter(new)
    return [[next(told) if value else value] for value in values]


def _line(rows: int, left_out: Sequence[int], columns: Sequence[Sequence[str | None]]) -> bytes:
    return orjson.dumps([rows, left_out, columns], option=orjson.OPT_APPEND_NEWLINE)
