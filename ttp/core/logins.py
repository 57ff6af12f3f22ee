"""Logins: failures are counted per account and address, wrong codes as wrong passwords, and soon refused unheard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.access import Actor
from ttp.core.accounts import Staff

FAILURE_WINDOW = timedelta(minutes=15)
ACCOUNT_FAILURES = 10
ADDRESS_FAILURES = 100  # a whole department may stand behind one address
MINIMAL_PASSWORD = 12
MAXIMAL_PASSWORD = 1024


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with an open session, as a request of theirs is answered.

    ``is_due``: that the session is in use is to be stored. ``lacks_factor``: before anything else the person has to
    set a second factor up.
    """

    staff: Staff
    actor: Actor
    csrf: str
    session: UUID | None = None
    is_due: bool = False
    lacks_factor: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session. The token goes into the cookie and is stored nowhere."""

    token: str
    staff: Staff


class LoginRefusal(StrEnum):
    """Why a login was refused. Whether an account exists is not told."""

    WRONG = "wrong"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class Failures:
    """How many logins failed for one account or address since a time."""

    count: int
    since: datetime

    def block(self, limit: int, *, now: datetime) -> bool:
        """Whether further tries are refused unheard, until 15 minutes after the first failure."""
        return self.count >= limit and now < self.since + FAILURE_WINDOW


class LoginStore(Protocol):
    """Where failed logins are counted, for every process alike."""

    def failures(self, subject: str) -> Failures | None:
        """The failures of an account or address, if any are remembered."""
        ...

    def count_failure(self, subject: str, *, now: datetime) -> None:
        """Count one failure; a count older than the window begins anew."""
        ...

    def clear(self, subject: str) -> None:
        """Forget the failures of a subject."""
        ...

    def forget(self, *, now: datetime) -> int:
        """Remove counts older than the window and sessions that have expired; returns how many rows."""
        ...
