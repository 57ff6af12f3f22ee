"""Ports: what the core needs from outside, as protocols. Storage, peering and the clock implement them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from ttp.core.access import ClientStore, StaffStore
from ttp.core.approvals import ApprovalStore
from ttp.core.audit import AuditStore
from ttp.core.domains import DomainStore
from ttp.core.idempotency import IdempotencyStore
from ttp.core.logins import LoginStore
from ttp.core.pseudonyms import PseudonymStore

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


class Transaction(Protocol):
    """One database transaction: all stores see and change the same state; it commits as a whole or not at all."""

    @property
    def domains(self) -> DomainStore:
        """Domains."""
        ...

    @property
    def pseudonyms(self) -> PseudonymStore:
        """Pseudonyms."""
        ...

    @property
    def clients(self) -> ClientStore:
        """Clients and grants."""
        ...

    @property
    def staff(self) -> StaffStore:
        """Staff and sessions."""
        ...

    @property
    def logins(self) -> LoginStore:
        """Failed logins."""
        ...

    @property
    def approvals(self) -> ApprovalStore:
        """Four-eyes requests."""
        ...

    @property
    def audit(self) -> AuditStore:
        """The audit log."""
        ...

    @property
    def idempotency(self) -> IdempotencyStore:
        """Answers kept for repeated requests."""
        ...


class Work(Protocol):
    """Where transactions come from."""

    def begin(self, *, write: bool = True) -> AbstractContextManager[Transaction]:
        """One transaction; commits when the block ends well, rolls back when it raises."""
        ...

    def run(self, step: Callable[[Transaction], T], *, write: bool = True) -> T:
        """Run the step in a transaction; serialization failures and deadlocks are retried three times.

        Raises:
            DatabaseBusy: the third try failed too.
        """
        ...
