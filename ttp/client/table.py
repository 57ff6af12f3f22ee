"""Tables: CSV files of which one column is exchanged; every other byte stays as it was.

Delimiter (comma, semicolon or tab), byte order mark, quoting and line ends are kept (RFC 4180 with these
liberties). The header is row 1. What is wrong with a row is told by its number, never by its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ttp.client.errors import TableRefused

DELIMITERS = (",", ";", "\t")
LONGEST_RECORD = 1024 * 1024
BOM = "\ufeff"

NOT_UTF8 = "not-utf8"
NUL = "nul-character"
QUOTING = "malformed-quoting"
COLUMNS = "wrong-number-of-columns"
TOO_LONG = "row-too-long"


@dataclass(frozen=True, slots=True)
class Place:
    """Between two records of a file: byte offset, and the number of the row before."""

    offset: int
    row: int


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the text around the column's cell, the cell as written, and where the next row begins."""

    before: str
    cell: str
    after: str
    delimiter: str
    end: Place

    @property
    def value(self) -> str:
        """What the cell says, without its quotes."""
        return _unquoted(self.cell)

    def with_value(self, value: str) -> bytes:
        """The row with another value in the cell, quoted if it was or has to be."""
        special = any(mark in value for mark in (self.delimiter, '"', "\r", "\n"))
        if special or self.cell.startswith('"'):
            value = '"' + value.replace('"', '""') + '"'
        return f"{self.before}{value}{self.after}".encode()

    def unchanged(self) -> bytes:
        """The row as it was."""
        return f"{self.before}{self.cell}{self.after}".encode()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: why, and where the next one begins."""

    code: str
    end: Place


class Table:
    """A CSV file and the column of it that is meant."""

    def __init__(self, file: BinaryIO, column: str) -> None:
        """Read the header.

        Raises:
            TableRefused: the file is empty or not UTF-8 text, or has not exactly one column of this name.
        """
        self._file = file
        file.seek(0)
        self.header = file.readline(LONGEST_RECORD)
        if not self.header:
            raise TableRefused("The file is empty.")
        self._delimiter, names = _delimited(_header_text(self.header), column)
        if names.count(column) > 1:
            raise TableRefused(f"The column '{column}' is there {names.count(column)} times.")
        self._column, self._width = names.index(column), len(names)
        self.start = Place(len(self.header), 1)

    def records(self, start: Place) -> Iterator[Record | BadRow]:
        """The rows after a place, in their order."""
        place = start
        self._file.seek(start.offset)
        while line := self._file.readline(LONGEST_RECORD):
            read = self._read(line, Place(place.offset + len(line), place.row + 1))
            yield read
            place = read.end

    def _read(self, line: bytes, end: Place) -> Record | BadRow:
        """The row that begins with this line; a quoted cell may go on in the next ones."""
        if len(line) == LONGEST_RECORD and not line.endswith(b"\n"):
            return BadRow(TOO_LONG, self._after_line(end))
        read, text, at = self._record(line, end), line, end.offset
        while read is None:
            more = self._file.readline(LONGEST_RECORD)
            text, at = text + more, at + len(more)
            if not more or len(text) > LONGEST_RECORD:
                self._file.seek(end.offset)  # the quote is never closed: this line alone is bad
                return BadRow(QUOTING, end)
            read = self._record(text, Place(at, end.row))
        return read

    def _after_line(self, within: Place) -> Place:
        at = within.offset
        while more := self._file.readline(LONGEST_RECORD):
            at += len(more)
            if more.endswith(b"\n"):
                break
        return Place(at, within.row)

    def _record(self, line: bytes, end: Place) -> Record | BadRow | None:
        """The row of these bytes; None when they end within quotes."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return BadRow(NOT_UTF8, end)
        if "\x00" in text:
            return BadRow(NUL, end)
        body = text.removesuffix("\n").removesuffix("\r")
        rest = text[len(body) :]
        if not body:
            return Record("", "", rest, self._delimiter, end)
        cells = _cells(body, self._delimiter)
        if not cells:
            return None if cells is None else BadRow(QUOTING, end)
        return BadRow(COLUMNS, end) if len(cells) != self._width else self._placed(cells, rest, end)

    def _placed(self, cells: list[str], rest: str, end: Place) -> Record:
        mark = self._delimiter
        before = "".join(cell + mark for cell in cells[: self._column])
        after = "".join(mark + cell for cell in cells[self._column + 1 :])
        return Record(before, cells[self._column], after + rest, mark, end)


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


def _header_text(header: bytes) -> str:
    try:
        text = header.decode()
    except UnicodeDecodeError:
        raise TableRefused("The file is not UTF-8 text.") from None
    if "\x00" in text:
        raise TableRefused("The file holds NUL characters; it is not UTF-8 text.")
    return text.rstrip("\r\n").removeprefix(BOM)


def _delimited(header: str, column: str) -> tuple[str, list[str]]:
    """The delimiter under which the header holds the column, and all names."""
    for delimiter in DELIMITERS:
        names = [_unquoted(cell) for cell in _cells(header, delimiter) or ()]
        if column in names:
            return delimiter, names
    # Without a header the first line holds a patient: its cells are not repeated here.
    raise TableRefused(f"The file has no column '{column}' (delimiters: comma, semicolon, tab).")


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == '"' == cell[-1] else cell
