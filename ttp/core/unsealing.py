"""Unsealing: what custodians tried is remembered until it can be written down; shares themselves never are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ttp.core.errors import Conflict, TooMuch

ACCEPTED = "accepted"


class TooManyShares(TooMuch):
    """At most ten shares can be entered in a minute; wait and enter this one again."""

    code = "too-many-shares"


class AlreadyUnsealed(Conflict):
    """The center is unsealed already; no share is needed any more."""

    code = "already-unsealed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody entered a share. ``outcome`` is "accepted" or the code of the error.

    ``custodian`` is whose share it said it was, None where that cannot be told.
    """

    at: datetime
    outcome: str
    custodian: str | None = None


@dataclass(frozen=True, slots=True)
class Unsealed:
    """How a root key was opened: by which custody, and, if custodians did it, what they tried."""

    custody: str
    quorum: str = ""
    epoch: int = 0
    attempts: Sequence[Attempt] = ()
    dropped: int = 0
