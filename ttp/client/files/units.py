"""Units: a file is a row of units (rows, lines, entries), each with the values it wants exchanged.

A format says what the units are and how one is written with other values; it never asks anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Between two units of a file: where reading goes on, and the number of the unit before."""

    offset: int
    row: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One value to exchange: where it stands (a column's name or a path, never a value), and in which domain."""

    column: str
    domain: str
    value: str


class Unfit(Exception):
    """A new value cannot stand where the old one stood; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the file that is written as a whole or rejected as a whole.

    ``written`` gives its bytes with the new values, in the order asked, and may raise ``Unfit``. ``lead`` is
    what parts it from the unit before, if that one was kept. What is no item (a header, a Bundle's own
    members) is not ``counted`` and cannot be left out.
    """

    end: Place
    asked: tuple[Asked, ...]
    written: Callable[[Sequence[str]], bytes]
    lead: bytes = b""
    counted: bool = True


@dataclass(frozen=True, slots=True)
class BadUnit:
    """A unit that cannot be read: why, where in it, and where the next one begins."""

    code: str
    end: Place
    column: str = ""


START = Place(0, 0)


class Format(Protocol):
    """A file of one format."""

    size: int
    """What ``Place.offset`` is at the end; 0 when nobody knows."""

    def units(self, start: Place) -> Iterator[Unit | BadUnit]:
        """The units after a place, in their order.

        Raises:
            TableRefused: the file is not of this format.
        """
        ...

    def assemble(self, part: Path, target: Path) -> None:
        """Make the new file of what was written, once all units are."""
        ...


def move(part: Path, target: Path) -> None:
    """Assemble a file whose units stand in it as they were written."""
    part.replace(target)
