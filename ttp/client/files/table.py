"""Tables: CSV files of which columns are exchanged; every other byte stays as it was.

Delimiter (comma, semicolon or tab), byte order mark, quoting and line ends are kept (RFC 4180 with these
liberties). The header is row 1. What is wrong with a row is told by its number, never by its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from ttp.client.errors import TableRefused
from ttp.client.files.cells import DELIMITERS, Dialect, Shape, cells_of, not_in, unquoted
from ttp.client.files.cutting import BYTES, ROWS, VALUES
from ttp.client.files.lines import Lines, size_of
from ttp.client.files.table_rows import Column, RowBlock, row_unit
from ttp.client.files.units import BadUnit, Batch, Block, Place, Unit, move

ENCODINGS = ("utf-8", "latin-1", "cp1252")
NARROWER = 8
LONGEST_RECORD = 1024 * 1024
BOM = "\ufeff"

NUL = "nul-character"
QUOTING = "malformed-quoting"
COLUMNS = "wrong-number-of-columns"
TOO_LONG = "row-too-long"


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
        self.size = size_of(file)
        self._lines = Lines(file)
        self._header = self._lines.next(LONGEST_RECORD)
        if not self._header:
            raise TableRefused("The file is empty.")
        text = _header_text(self._header, encoding)
        delimiter, names = _delimited(text, list(columns))
        self._dialect = Dialect(delimiter, encoding)
        twice = [name for name in columns if names.count(name) > 1]
        if twice:
            raise TableRefused(f"The column '{twice[0]}' is there {names.count(twice[0])} times.")
        self._columns = [Column(names.index(name), name, columns[name]) for name in columns]
        kept = max(column.at for column in self._columns) + 1
        self._shape = Shape(len(names), kept, LONGEST_RECORD)

    def batches(self, start: Place, rows: int = ROWS) -> Iterator[Batch]:
        """The header and the rows after a place, in blocks where they are good."""
        most = max(1, min(rows, VALUES // len(self._columns)))
        place = self._go(start)
        first = [self._header_unit()] if start.offset == 0 else []
        while items := [*first, *self._items(place.row, most)]:
            first, place = [], items[-1].end
            yield items

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """The header and the rows after a place one by one, in their order; ``batches`` says the same faster."""
        row = self._go(start).row
        if start.offset == 0:
            yield self._header_unit()
        while line := self._lines.next(LONGEST_RECORD):
            row += 1
            yield self._unit(line, row)

    assemble = staticmethod(move)

    def _go(self, start: Place) -> Place:
        """Go to a place, or behind the header."""
        place = start if start.offset else Place(len(self._header), 1)
        if self._lines.offset != place.offset:
            self._lines = Lines(self._file, place.offset)
        return place

    def _header_unit(self) -> Unit:
        header = self._header
        return Unit(Place(len(header), 1), (), lambda _new: header, counted=False)

    def _items(self, row: int, most: int) -> list[Unit | BadUnit | Block]:
        """Rows up to ``most`` and about ``BYTES``; where not all are good, ever fewer are looked at together."""
        items: list[Unit | BadUnit | Block] = []
        last, stop, together = row + most, self._lines.offset + BYTES, most
        while row < last and (left := stop - self._lines.offset) > 0:
            lines = self._lines.take(min(together, last - row), left, LONGEST_RECORD)
            if not lines:
                break
            block = self._block(lines, row)
            if block:
                items.append(block)
            else:
                self._lines.give_back(lines)
                together = len(lines) // NARROWER
            if block is None and together == 0:
                items += self._one_by_one(row, len(lines))
            row = items[-1].end.row if items else row
            together = together * NARROWER if block else max(together, 1)
        return items

    def _one_by_one(self, row: int, count: int) -> Iterator[Unit | BadUnit]:
        for number in range(row + 1, row + count + 1):
            if line := self._lines.next(LONGEST_RECORD):
                yield self._unit(line, number)

    def _block(self, lines: list[bytes], row: int) -> Block | None:
        """These lines, if each is a good row of as many cells as the header has."""
        read = self._dialect.read(lines, self._shape)
        if read is None:
            return None
        end = Place(self._lines.offset, row + len(lines))
        return RowBlock(self._dialect, self._columns, read, row, end)

    def _unit(self, line: bytes, row: int) -> Unit | BadUnit:
        read = self._read(line)
        end = Place(self._lines.offset, row)
        if isinstance(read, str):
            return BadUnit(read, end)
        cells, rest = read
        return row_unit(self._dialect, self._columns, cells, rest, end)

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
            text = line.decode(self._dialect.encoding)
        except UnicodeDecodeError:
            return not_in(self._dialect.encoding)
        if "\x00" in text:
            return NUL
        body = text.removesuffix("\n").removesuffix("\r")
        rest = text[len(body) :]
        if not body:
            return [], rest
        cells = cells_of(body, self._dialect.delimiter)
        if not cells:
            return None if cells is None else QUOTING
        return COLUMNS if len(cells) != self._shape.width else (cells, rest)


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
        names = [unquoted(cell) for cell in cells_of(header, delimiter) or ()]
        if set(columns) <= set(names):
            return delimiter, names
        best = max(best, names, key=lambda found: len(set(columns) & set(found)))
    missing = next(name for name in columns if name not in best)
    # Without a header the first line holds a patient: its cells are not repeated here.
    raise TableRefused(f"The file has no column '{missing}' (delimiters: comma, semicolon, tab).")
