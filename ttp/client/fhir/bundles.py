"""Bundles: read entry by entry, so that a Bundle of any size passes through in little memory.

A Bundle is its head (up to the first entry), its entries, and its tail. Head and tail are completed to documents
of their own and worked on like entries. What is no Bundle, or says so only after its entries, is one document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from ttp.client.errors import TableRefused
from ttp.client.fhir.planning import Planner
from ttp.client.files.cutting import cut
from ttp.client.files.json_text import Node, NotJSON, parse
from ttp.client.files.lines import size_of
from ttp.client.files.ndjson import BOM, Plan, unit_of
from ttp.client.files.units import BadUnit, Batch, Place, Unit, move

BLOCK = 256 * 1024
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]|"', re.DOTALL)
_ENTRIES = re.compile(rb'"entry"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*')
_LEAD = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*")
_CLOSE_HEAD = b"]}"
_OPEN_TAIL = b'{"entry":['


class BundleFile:
    """A file that holds a Bundle, or any other one resource."""

    def __init__(self, file: BinaryIO, planner: Planner) -> None:
        """Read nothing yet."""
        self._file = file
        self._planner = planner
        self.size = size_of(file)

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """Head, entries and tail after a place; an entry's row is its number, from 1.

        Raises:
            TableRefused: the file is no JSON, or no list of entries.
        """
        if self.size and start.offset >= self.size:
            return
        window = _Window(self._file, start.offset, seek=bool(self.size))
        if start.offset == 0:
            head = _head(window)
            if head is None:
                yield self._whole(window)
                return
            yield self._frame(head, Place(len(head), 0), _completed_head)
        yield from self._entries(window, start.row)

    def batches(self, start: Place, rows: int) -> Iterator[Batch]:
        """The same in batches."""
        return cut(self.units(start), start.offset, rows)

    assemble = staticmethod(move)

    def _entries(self, window: _Window, row: int) -> Iterator[Unit | BadUnit]:
        while (entry := _entry(window)) is not None:
            row += 1
            lead, data = entry
            yield unit_of(data, Place(window.offset, row), self._planner.entry, lead=lead)
        tail = window.rest()
        if tail:
            yield self._frame(tail, Place(window.offset, row), _completed_tail)

    def _whole(self, window: _Window) -> Unit | BadUnit:
        data = window.rest()
        if not data.strip():
            raise TableRefused("The file is empty.")
        return unit_of(data, Place(window.offset, 1), self._planner.resource)

    def _frame(self, data: bytes, end: Place, complete: Callable[[bytes], _Completed]) -> Unit:
        whole, before, after = complete(data)
        unit = unit_of(whole, end, partial(_framed, self._planner), counted=False)
        if isinstance(unit, BadUnit):
            where = f" at {unit.column}" if unit.column else ""
            raise TableRefused(f"The Bundle's own members cannot be read ({unit.code}{where}).")
        return replace(unit, written=partial(_without, unit.written, before, after))


_Completed = tuple[bytes, int, int]
"""A document, and how many bytes at its start and end were added to make it one."""


class _Window:
    """The part of a file that is being looked at; ``offset`` is how much of the file has been taken."""

    def __init__(self, file: BinaryIO, offset: int, *, seek: bool) -> None:
        if seek:
            file.seek(offset)
        self._file = file
        self.data = b""
        self.at = 0
        self.offset = offset

    def more(self) -> bool:
        """Look at twice as much; False at the end of the file."""
        block = self._file.read(max(BLOCK, len(self.data) - self.at))
        self.data, self.at = self.data[self.at :] + block, 0
        return bool(block)

    def take(self, end: int) -> bytes:
        """What stands before this place of ``data``, which is then done with."""
        taken = self.data[self.at : end]
        self.at = end
        self.offset += len(taken)
        return taken

    def rest(self) -> bytes:
        """All that is left."""
        while self.more():
            pass
        return self.take(len(self.data))

    def find(self, look: Callable[[bytes, int], int | None]) -> int:
        """Where something is that must be there; what is looked at begins at ``at``.

        Raises:
            TableRefused: the file ends before it.
        """
        while True:
            found = look(self.data, self.at)
            if found is not None:
                return found
            if not self.more():
                raise TableRefused("The file ends within the Bundle.")


def _head(window: _Window) -> bytes | None:
    """The text up to the first entry of a Bundle; None if there is none or this is no Bundle."""
    while True:
        end = _head_end(window.data)
        # white space may go on after what is seen, so the head ends only where something follows
        if end is not None and end < len(window.data):
            return _if_bundle(window, end)
        if not window.more():
            return None


def _if_bundle(window: _Window, end: int) -> bytes | None:
    try:
        whole, _, _ = _completed_head(window.data[:end])
        root = parse(whole.removeprefix(BOM).decode())
    except (NotJSON, UnicodeDecodeError):
        return None
    return window.take(end) if root.says("resourceType") == "Bundle" else None


def _head_end(data: bytes) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(data):
        mark = token.group()
        if mark in b"{[":
            depth += 1
        elif mark in b"}]":
            depth -= 1
        elif mark == b'"':
            return None  # a string that is not seen to its end
        elif depth == 1 and mark == b'"entry"':
            found = _ENTRIES.match(data, token.start())
            if found:
                return found.end()
    return None


def _entry(window: _Window) -> tuple[bytes, bytes] | None:
    """What parts the next entry from the one before, and the entry; None when the list ends."""
    start = window.find(_start_of_value)
    if window.data[start : start + 1] == b"]":
        return None
    if window.data[start : start + 1] != b"{":
        raise TableRefused("The file is no Bundle: an entry is no object.")
    lead = window.take(start)
    return lead, window.take(window.find(_end_of_value))


def _start_of_value(data: bytes, at: int) -> int | None:
    found = _LEAD.match(data, at)
    end = found.end() if found else at
    return end if end < len(data) else None


def _end_of_value(data: bytes, start: int) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(data, start):
        mark = token.group()
        if mark in b"{[":
            depth += 1
        elif mark in b"}]":
            depth -= 1
            if depth == 0:
                return token.end()
        elif mark == b'"':
            return None  # a string that is not seen to its end
    return None


def _completed_head(data: bytes) -> _Completed:
    return data + _CLOSE_HEAD, 0, len(_CLOSE_HEAD)


def _completed_tail(data: bytes) -> _Completed:
    return _OPEN_TAIL + data, len(_OPEN_TAIL), 0


def _framed(planner: Planner, text: str, root: Node) -> Plan:
    return planner.frame(text, root)


def _without(
    written: Callable[[Sequence[str]], bytes], before: int, after: int, new: Sequence[str]
) -> bytes:
    whole = written(new)
    return whole[before : len(whole) - after]
