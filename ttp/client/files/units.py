"""Units: a file is a row of units (rows, lines, entries), each with the values it wants exchanged.

A format says what the units are and how one is written with other values; it never asks anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from keys.private_files import put_in_place


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


class Block(Protocol):
    """Many units that all can be read and are counted, worked on at once: what files of good rows consist of."""

    end: Place
    """Where reading goes on."""

    rows: int
    """How many units."""

    empty: int
    """How many of them ask nothing."""

    asked: list[tuple[str, list[str]]]
    """Domains, each with the values its units ask there; a value may be there again, as may a domain."""

    def asking(self, values: Mapping[str, Collection[str]]) -> list[int]:
        """Numbers, from 0, of the units that ask one of these values by domain; in their order."""
        ...

    def unit(self, number: int) -> Unit:
        """The same unit by itself."""
        ...

    def written(self, new: Mapping[str, Mapping[str, str]], left_out: Collection[int]) -> bytes:
        """The bytes of all units but those left out, with the new values by domain and old value.

        Raises:
            Unfit: one of the values cannot stand in one of the units.
        """
        ...


Batch = Sequence[Unit | BadUnit | Block]
"""What is asked for at once and written at once."""

START = Place(0, 0)


class Format(Protocol):
    """A file of one format."""

    size: int
    """What ``Place.offset`` is at the end; 0 when nobody knows."""

    def batches(self, start: Place, rows: int) -> Iterator[Batch]:
        """The units after a place, in their order and in batches of bounded rows, values and bytes.

        Where a batch ends depends on nothing but where it begins: work that goes on asks again what was asked.

        Raises:
            TableRefused: the file is not of this format.
        """
        ...

    def assemble(self, part: Path, target: Path) -> None:
        """Make the new file of what was written, once all units are."""
        ...


def move(part: Path, target: Path) -> None:
    """Assemble a file whose units stand in it as they were written."""
    put_in_place(part, target)
