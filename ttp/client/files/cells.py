"""Cells of CSV text: cut apart as they are written, read, and written like the ones they replace (RFC 4180)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Shape:
    """How many cells a row has, how many of them are cut apart, and which line is too long, in bytes."""

    width: int
    kept: int
    longest: int


@dataclass(frozen=True, slots=True)
class Read:
    """Rows cut into their first cells, as they are written, and the rest in one; ``ended``: also the last line is."""

    rows: list[list[str]]
    line_end: str
    ended: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written."""

    delimiter: str
    encoding: str

    def read(self, lines: Sequence[bytes], shape: Shape) -> Read | None:
        """The cells of lines of which each is a good row by itself; None where only the slow way can tell.

        That is: text without NUL, one kind of line end, and rows of the right shape, each in one line.
        """
        try:
            text = b"".join(lines).decode(self.encoding)
        except UnicodeDecodeError:
            return None
        line_end = _line_end(text)
        if line_end is None or "\x00" in text or max(map(len, lines)) >= shape.longest:
            return None
        bodies = text.split(line_end)
        ended = not bodies[-1]
        if ended:
            bodies.pop()
        quoted = '"' in text
        rows = self._quoted(bodies, shape) if quoted else self._plain(bodies, shape)
        return Read(rows, line_end, ended, quoted) if rows else None

    def _plain(self, bodies: Sequence[str], shape: Shape) -> list[list[str]] | None:
        """Rows without quotes."""
        mark, kept = self.delimiter, shape.kept
        if {body.count(mark) for body in bodies} != {shape.width - 1}:
            return None
        return [body.split(mark, kept) for body in bodies]

    def _quoted(self, bodies: Sequence[str], shape: Shape) -> list[list[str]] | None:
        """Rows of which some have quotes."""
        mark, kept, tame = self.delimiter, shape.kept, _TAME[self.delimiter]
        rows, marks = [], shape.width - 1
        for body in bodies:
            if '"' not in body or tame(body):
                if body.count(mark) != marks:
                    return None
                rows.append(body.split(mark, kept))
            else:
                cells = _CUT[mark](body + mark) if _WHOLE[mark](body + mark) else []
                if len(cells) != shape.width:
                    return None
                rest = cells[kept:]
                rows.append([*cells[:kept], mark.join(rest)] if rest else cells)
        return rows

    def like(self, cell: str, value: str) -> str:
        """A value as a cell, quoted if the one in its place is or it has to be."""
        if cell.startswith('"') or _SPECIAL[self.delimiter](value):
            return '"' + value.replace('"', '""') + '"'
        return value

    def fits(self, text: str) -> bool:
        """Whether the encoding has these characters."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


def not_in(encoding: str) -> str:
    """The defect of a row that is no text in this encoding."""
    return f"not-{encoding.replace('utf-8', 'utf8')}"


def cells_of(body: str, delimiter: str) -> list[str] | None:
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


def unquoted(cell: str) -> str:
    """What a cell says."""
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == '"' == cell[-1] else cell


def _line_end(text: str) -> str | None:
    """The only line end that text has; None when there are several, or returns that end no line."""
    returns = text.count("\r")
    if not returns:
        return "\n"
    return "\r\n" if returns == text.count("\r\n") == text.count("\n") else None


def _cell(mark: str) -> re.Pattern[str]:
    return re.compile(
        rf'(?:(?P<cell>"(?:[^"]|"")*"|[^"{mark}][^{mark}]*|)(?P<mark>{mark}|\Z)|(?P<open>"(?:[^"]|"")*\Z))'
    )


def _tame(mark: str) -> re.Pattern[str]:
    """Rows in which no quoted cell holds the delimiter or a quote, so that splitting finds the cells."""
    cell = rf'(?:"[^"{mark}]*"|[^"{mark}][^{mark}]*|)'
    return re.compile(rf"{cell}(?:{mark}{cell})*+")


def _delimited_cell(mark: str) -> str:
    """One cell and the delimiter behind it; there is one way only to read it, so nothing is tried twice."""
    return rf'("[^"]*+(?:""[^"]*+)*+"|[^"{mark}][^{mark}]*+|){mark}'


_CELLS = {mark: _cell(mark) for mark in DELIMITERS}
_TAME = {mark: _tame(mark).fullmatch for mark in DELIMITERS}
_WHOLE = {mark: re.compile(f"(?:{_delimited_cell(mark)})*+").fullmatch for mark in DELIMITERS}
_CUT = {mark: re.compile(_delimited_cell(mark)).findall for mark in DELIMITERS}
_SPECIAL = {mark: re.compile(rf'[{mark}"\r\n]').search for mark in DELIMITERS}
