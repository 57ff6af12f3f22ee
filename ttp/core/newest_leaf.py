"""The newest leaf: no process of the center writes an audit entry that is older than one it has seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from ttp.core.errors import ClockBehind

TOLERANCE = timedelta(seconds=2)
"""Threads and hosts never agree to the millisecond, and time services set clocks back by little steps."""


class NewestLeaf:
    """The newest time of a leaf that this process knows of; kept in memory, so that checking costs no query."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: datetime | None = None

    def saw(self, at: datetime) -> None:
        """A leaf of this time exists. Two threads at once lose at most the tolerance."""
        if self._at is None or at > self._at:
            self._at = at

    def check(self, now: datetime) -> None:
        """Pass if the clock does not stand before the newest leaf.

        Raises:
            ClockBehind: it does, by more than two seconds.
        """
        if self._at is not None and now < self._at - TOLERANCE:
            raise ClockBehind
