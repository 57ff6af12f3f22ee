"""NDJSON: one JSON document a line; strings that selectors mean are exchanged, every other byte stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ttp.client.errors import TableRefused
from ttp.client.files.cutting import BYTES, ROWS, VALUES, cut
from ttp.client.files.json_text import Kind, Node, NotJSON, Slot, Splice, parse, spliced
from ttp.client.files.lines import Lines, size_of
from ttp.client.files.plain_documents import DocumentBlock, PlainDocument, PlainDocuments
from ttp.client.files.selectors import selector
from ttp.client.files.units import Asked, BadUnit, Batch, Block, Place, Unit, move

LONGEST_LINE = 256 * 1024 * 1024
BOM = b"\xef\xbb\xbf"
TOO_LONG = "row-too-long"
NOT_UTF8 = "not-utf8"
NOT_A_STRING = "not-a-string"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a document wants exchanged, and where the answers go."""

    asked: tuple[Asked, ...]
    splices: tuple[Splice, ...]


class Unplannable(Exception):
    """A document that cannot be worked on: why, and where in it."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(code)
        self.code = code
        self.path = path


Planner = Callable[[str, Node], Plan]
"""Reads a document (its text and its tree) and may raise ``Unplannable``."""


class Documents:
    """A file of documents, one a line; empty lines stay."""

    def __init__(self, file: BinaryIO, plan: Planner) -> None:
        """Read nothing yet."""
        self._file = file
        self._plan = plan
        self.size = size_of(file)

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """The documents after a place."""
        if start.offset == 0 and self.size:
            self._file.seek(0)
        lines, row = Lines(self._file, start.offset), start.row
        while line := lines.next(LONGEST_LINE):
            row += 1
            end = Place(lines.offset, row)
            yield _line_unit(line, end, self._plan)

    def batches(self, start: Place, rows: int = ROWS) -> Iterator[Batch]:
        """The documents after a place; plain ones in blocks, where selectors say what is meant."""
        if not isinstance(self._plan, Selecting):
            yield from cut(self.units(start), start.offset, rows)
            return
        if start.offset == 0 and self.size:
            self._file.seek(0)
        lines, row = Lines(self._file, start.offset), start.row
        while taken := lines.take(rows, BYTES, LONGEST_LINE):
            batch = _Batch(self._plan, lines.offset - sum(map(len, taken)), row)
            used = next((n for n, line in enumerate(taken, 1) if batch.add(line) >= VALUES), None)
            lines.give_back(taken[used:] if used else [])
            yield batch.items()
            row = batch.row

    assemble = staticmethod(move)


def unit_of(
    data: bytes, end: Place, plan: Planner, *, lead: bytes = b"", counted: bool = True
) -> Unit | BadUnit:
    """The unit of one document."""
    mark = BOM if data.startswith(BOM) else b""
    try:
        text = data[len(mark) :].decode()
        planned = plan(text, parse(text))
    except UnicodeDecodeError:
        return BadUnit(NOT_UTF8, end)
    except NotJSON as error:
        return BadUnit(error.code, end)
    except Unplannable as error:
        return BadUnit(error.code, end, error.path)
    return Unit(end, planned.asked, partial(_written, mark, text, planned), lead, counted)


class Selecting:
    """Exchanges what selectors mean, each in its domain; empty strings and ``null`` stay."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        """Read the selectors.

        Raises:
            SelectorRefused: one cannot be read.
        """
        self.selectors = [(selector(text), domain) for text, domain in columns.items()]

    def __call__(self, _text: str, root: Node) -> Plan:
        """The plan of a document."""
        asked: list[Asked] = []
        splices: list[Splice] = []
        for one, domain in self.selectors:
            for node, path in one.find(root):
                value = node.string
                if node.is_null or value == "":
                    continue
                if value is None or node.kind is not Kind.STRING:
                    raise Unplannable(NOT_A_STRING, path)
                splices.append(Splice(node.start, node.end, (Slot(len(asked)),)))
                asked.append(Asked(path, domain, value))
        if len({splice.start for splice in splices}) < len(splices):
            raise Unplannable("selected-twice", "")
        return Plan(tuple(asked), tuple(splices))


def _written(mark: bytes, text: str, plan: Plan, answers: Sequence[str]) -> bytes:
    return mark + spliced(text, plan.splices, answers).encode()


def _line_unit(line: bytes, end: Place, plan: Planner) -> Unit | BadUnit:
    if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
        raise TableRefused(f"Line {end.row} is longer than {LONGEST_LINE} bytes.")
    if line.strip():
        return unit_of(line, end, plan)
    return Unit(end, (), lambda _new: line, counted=False)


class _Batch:
    """Lines put together: plain documents in blocks, all others one by one."""

    def __init__(self, plan: Selecting, offset: int, row: int) -> None:
        self._plan, self._offset, self.row = plan, offset, row
        self._find = PlainDocuments(plan.selectors)
        self._block: list[PlainDocument] = []
        self._items: list[Unit | BadUnit | Block] = []
        self._values = 0

    def add(self, line: bytes) -> int:
        """Add a line; gives how many values are asked so far."""
        found = self._find.spans(line)
        if found is None:
            self._close()
        self._offset += len(line)
        self.row += 1
        if found is None:
            unit = _line_unit(line, Place(self._offset, self.row), self._plan)
            self._items.append(unit)
            self._values += len(unit.asked) if isinstance(unit, Unit) else 0
        else:
            self._block.append((line, found))
            self._values += len(found)
        return self._values

    def items(self) -> list[Unit | BadUnit | Block]:
        """What is put together."""
        self._close()
        return self._items

    def _close(self) -> None:
        if self._block:
            end = Place(self._offset, self.row)
            self._items.append(DocumentBlock(self._block, end, self._unit))
            self._block = []

    def _unit(self, line: bytes, end: Place) -> Unit:
        unit = unit_of(line, end, self._plan)
        if isinstance(unit, BadUnit):
            raise TypeError("what can be read at once can be read by itself")
        return unit
