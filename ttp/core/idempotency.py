"""Idempotency: the same key and request give the same answer, once and for all (24 hours)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

KEPT_HOURS = 24


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's claim that a request is the one it names by ``key``; ``digest`` covers the whole request."""

    client: str
    key: str
    digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer given to an earlier request with this key; ``sealed`` is None while it is still running."""

    digest: bytes
    sealed: bytes | None


class IdempotencyStore(Protocol):
    """Where claims and their answers are kept."""

    def claim(self, claim: Claim) -> KeptAnswer | None:
        """Insert the claim; None when it is new, else what stands under this key."""
        ...

    def keep(self, claim: Claim, sealed: bytes) -> None:
        """Store the sealed answer of a claim made in this transaction."""
        ...

    def forget_before(self, at: datetime) -> int:
        """Delete answers older than this; returns how many."""
        ...
