"""Log check: the log in the database is compared with itself, with its checkpoints and with the rows it explains.

An insider who changes the database and not the memory of the center is found out by one of these comparisons;
``docs/adr/0021-what-the-log-proves.md`` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What was checked last. ``flaw`` is a sentence, None while all holds; it stays until the whole log is checked."""

    at: datetime
    size: int
    flaw: str | None = None
    whole_at: datetime | None = None
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row that names a leaf which does not exist."""

    table: str
    column: str
    leaf: UUID


class LogCheckStore(Protocol):
    """Where the latest check is kept, and what a check reads besides leaves."""

    def latest(self) -> LogCheck | None:
        """The latest check, None before the first."""
        ...

    def save(self, check: LogCheck) -> None:
        """Keep this check in place of the one before it."""
        ...

    def nodes(self, level: int, start: int, end: int) -> Mapping[int, bytes]:
        """Stored nodes of a level from index ``start`` up to, not including, ``end``, by index."""
        ...

    def place_of(self, digest: bytes) -> int | None:
        """The position of the leaf of this hash, None if there is none."""
        ...

    def orphan(self) -> Orphan | None:
        """Any row, of any table that stores leaves of changes, whose leaf is missing."""
        ...
