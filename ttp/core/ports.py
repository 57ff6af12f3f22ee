"""Ports: what the core needs from outside, as protocols. Storage, peering and the clock implement them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from ttp.core.transaction import Transaction

__all__ = ["Clock", "Transaction", "Work"]

T = TypeVar("T")


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run back, for durations."""
        ...


class Work(Protocol):
    """Where transactions come from."""

    def begin(self, *, write: bool = True) -> AbstractContextManager[Transaction]:
        """One transaction; commits when the block ends well, rolls back when it raises."""
        ...

    def run(self, step: Callable[[Transaction], T], *, write: bool = True) -> T:
        """Run the step in a transaction; serialization failures and deadlocks are retried three times.

        Raises:
            DatabaseBusy: the third try failed too. DatabaseFull: there is no room for what is written.
        """
        ...

    def ask(self, question: Callable[[Transaction], T]) -> T:
        """The answer to a question of one statement that changes nothing, as it stands now."""
        ...

    def close(self) -> None:
        """Give back all connections."""
        ...
