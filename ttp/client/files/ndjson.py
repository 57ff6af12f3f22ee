"""NDJSON: one JSON document a line; strings that selectors mean are exchanged, every other byte stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ttp.client.errors import TableRefused
from ttp.client.files.json_text import Kind, Node, NotJSON, Slot, Splice, parse, spliced
from ttp.client.files.lines import Lines, size_of
from ttp.client.files.selectors import Selector, selector
from ttp.client.files.units import Asked, BadUnit, Place, Unit, move

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
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                raise TableRefused(f"Line {row} is longer than {LONGEST_LINE} bytes.")
            yield unit_of(line, end, self._plan) if line.strip() else _blank(line, end)

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


def selecting(columns: Mapping[str, str]) -> Planner:
    """Exchange what these selectors mean, each in its domain; empty strings and ``null`` stay.

    Raises:
        SelectorRefused: one cannot be read.
    """
    selectors = [(selector(text), domain) for text, domain in columns.items()]
    return partial(_selected, selectors)


def _selected(selectors: Sequence[tuple[Selector, str]], _text: str, root: Node) -> Plan:
    asked: list[Asked] = []
    splices: list[Splice] = []
    for one, domain in selectors:
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


def _blank(line: bytes, end: Place) -> Unit:
    return Unit(end, (), lambda _new: line, counted=False)
