"""Tables: CSV files of which columns are exchanged; every other byte stays as it was.

Delimiter (comma, semicolon or tab), byte order mark, quoting and line ends are kept (RFC 4180 with these
liberties). The header is row 1. What is wrong with a row is told by its number, never by its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ttp.client.errors import TableRefused
from ttp.client.files.lines import Lines, size_of
from ttp.client.files.units import Asked, BadUnit, Place, Unfit, Unit, move

DELIMITERS = (",", ";", "\t")
ENCODINGS = ("utf-8", "latin-1", "cp1252")
LONGEST_RECORD = 1024 * 1024
BOM = "\ufeff"

NUL = "nul-character"
QUOTING = "malformed-quoting"
COLUMNS = "wrong-number-of-columns"
TOO_LONG = "row-too-long"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is exchanged: its place in a row, its name and its domain."""

    at: int
    name: str
    domain: str


class Table:
    """A CSV file and the columns of it that are meant, each with its domain."""

    def __init__(
        self, file: BinaryIO, columns: Mapping[str, str], *, encoding: str = "utf-8"
    ) -> None:
        """Read the header.

        Raises:
            TableRefused: the file is empty or not text in this encoding, or has not exactly one column of each name.
        """
        self._file = file
        self._encoding = encoding
        self.size = size_of(file)
        self._lines = Lines(file)
        self._header = self._lines.next(LONGEST_RECORD)
        if not self._header:
            raise TableRefused("The file is empty.")
        text = _header_text(self._header, encoding)
        self._delimiter, names = _delimited(text, list(columns))
        twice = [name for name in columns if names.count(name) > 1]
        if twice:
            raise TableRefused(f"The column '{twice[0]}' is there {names.count(twice[0])} times.")
        self._columns = [_Column(names.index(name), name, columns[name]) for name in columns]
        self._width = len(names)

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """The header and the rows after a place, in their order."""
        row, header = start.row, self._header
        if start.offset == 0:
            row = 1
            yield Unit(Place(len(header), 1), (), lambda _new: header, counted=False)
        if start.offset or self._lines.offset != len(header):
            self._lines = Lines(self._file, start.offset or len(header))
        while line := self._lines.next(LONGEST_RECORD):
            row += 1
            yield self._unit(line, row)

    assemble = staticmethod(move)

    def _unit(self, line: bytes, row: int) -> Unit | BadUnit:
        read = self._read(line)
        end = Place(self._lines.offset, row)
        if isinstance(read, str):
            return BadUnit(read, end)
        cells, rest = read
        if not cells:
            return Unit(end, (), lambda _new: line)
        values = [(column, _unquoted(cells[column.at])) for column in self._columns]
        there = [(column, value) for column, value in values if value]
        asked = tuple(Asked(column.name, column.domain, value) for column, value in there)
        places = [column.at for column, _ in there]
        return Unit(end, asked, partial(self._written, cells, rest, places))

    def _written(
        self, cells: list[str], rest: str, places: list[int], values: Sequence[str]
    ) -> bytes:
        """The row with other values in these cells, quoted if they were or have to be."""
        new = list(cells)
        for at, value in zip(places, values, strict=True):
            new[at] = _quoted_like(cells[at], value, self._delimiter)
        try:
            return (self._delimiter.join(new) + rest).encode(self._encoding)
        except UnicodeEncodeError:
            raise Unfit(_not(self._encoding)) from None

    def _read(self, line: bytes) -> tuple[list[str], str] | str:
        """The row that begins with this line, as cells and line end, or its defect; a quoted cell may go on."""
        if len(line) == LONGEST_RECORD and not line.endswith(b"\n"):
            self._skip_line()
            return TOO_LONG
        more: list[bytes] = []
        read, text = self._row(line), line
        while read is None:
            more.append(self._lines.next(LONGEST_RECORD))
            text += more[-1]
            if not more[-1] or len(text) > LONGEST_RECORD:
                self._lines.give_back([one for one in more if one])
                return QUOTING  # the quote is never closed: this line alone is bad
            read = self._row(text)
        return read

    def _skip_line(self) -> None:
        while more := self._lines.next(LONGEST_RECORD):
            if more.endswith(b"\n"):
                break

    def _row(self, line: bytes) -> tuple[list[str], str] | str | None:
        """The row of these bytes; None when they end within quotes."""
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError:
            return _not(self._encoding)
        if "\x00" in text:
            return NUL
        body = text.removesuffix("\n").removesuffix("\r")
        rest = text[len(body) :]
        if not body:
            return [], rest
        cells = _cells(body, self._delimiter)
        if not cells:
            return None if cells is None else QUOTING
        return COLUMNS if len(cells) != self._width else (cells, rest)


def _not(encoding: str) -> str:
    """The defect of a row that is no text in this encoding."""
    return f"not-{encoding.replace('utf-8', 'utf8')}"


def _quoted_like(cell: str, value: str, delimiter: str) -> str:
    special = any(mark in value for mark in (delimiter, '"', "\r", "\n"))
    if special or cell.startswith('"'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _cells(body: str, delimiter: str) -> list[str] | None:
    """The cells as written; None when the text ends within quotes, empty when the quoting is malformed."""
    if '"' not in body:
        return body.split(delimiter)
    cells, at = [], 0
    while found := _CELLS[delimiter].match(body, at):
        if found["open"] is not None:
            return None
        cells.append(found["cell"])
        at = found.end()
        if not found["mark"]:
            return cells
    return []


def _cell(mark: str) -> re.Pattern[str]:
    return re.compile(
        rf'(?:(?P<cell>"(?:[^"]|"")*"|[^"{mark}][^{mark}]*|)(?P<mark>{mark}|\Z)|(?P<open>"(?:[^"]|"")*\Z))'
    )


_CELLS = {delimiter: _cell(delimiter) for delimiter in DELIMITERS}


def _header_text(header: bytes, encoding: str) -> str:
    try:
        text = header.decode(encoding)
    except UnicodeDecodeError:
        raise TableRefused(
            f"The file is not {encoding.upper()} text; another encoding is named by --encoding."
        ) from None
    if "\x00" in text:
        raise TableRefused(f"The file holds NUL characters; it is not {encoding.upper()} text.")
    return text.rstrip("\r\n").removeprefix(BOM)


def _delimited(header: str, columns: Sequence[str]) -> tuple[str, list[str]]:
    """The delimiter under which the header holds the columns, and all names."""
    best: list[str] = []
    for delimiter in DELIMITERS:
        names = [_unquoted(cell) for cell in _cells(header, delimiter) or ()]
        if set(columns) <= set(names):
            return delimiter, names
        best = max(best, names, key=lambda found: len(set(columns) & set(found)))
    missing = next(name for name in columns if name not in best)
    # Without a header the first line holds a patient: its cells are not repeated here.
    raise TableRefused(f"The file has no column '{missing}' (delimiters: comma, semicolon, tab).")


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == '"' == cell[-1] else cell
