"""Key statements: what this center and its peers say of their keys, kept for good; whoever missed some catches up.

The rules are those of ``keys.succession``. An announced key and the one it follows are both believed for a while,
so that no request fails; afterwards the old one verifies what it signed, and signs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from keys.succession import SignedStatement, Standing, StatementKind
from ttp.core.errors import BadRequest
from ttp.core.names import LeafId

OVERLAP = timedelta(hours=24)
"""How long peers have to learn of a new key before the old one is given up."""
GRACE = timedelta(minutes=10)
"""How much longer peers believe the old key: what was signed in the last moment still arrives."""
MOST_STATEMENTS = 500
"""Statements that one message may hold."""


class KeyStatementRefused(BadRequest):
    """A statement about a center's keys does not hold; ``facts`` name the reason, and nothing is changed."""

    code = "key-statement-refused"


@dataclass(frozen=True, slots=True)
class Announced:
    """The keys a center announced last, ``None`` where it announced none, and how many statements it made."""

    sequence: int = 0
    signing: SignedStatement | None = None
    transport: SignedStatement | None = None

    @classmethod
    def of(cls, statements: Sequence[SignedStatement]) -> Announced:
        """What a center's statements, in their order, come to."""
        newest: dict[bool, SignedStatement] = {
            one.statement.kind is StatementKind.TRANSPORT: one for one in statements
        }
        count = statements[-1].statement.sequence if statements else 0
        return cls(count, newest.get(False), newest.get(True))


class StatementStore(Protocol):
    """Where statements are kept: those of this center, and those of peers that were accepted."""

    def add(self, signed: SignedStatement, *, at: datetime, leaf: LeafId) -> None:
        """Keep a statement. Raises Conflict when another stands under its number."""
        ...

    def of(self, center: str, *, after: int = 0) -> list[SignedStatement]:
        """The statements of a center with larger numbers than ``after``, in their order."""
        ...


class PeerKeyStore(Protocol):
    """What is believed of the keys of peers, as part of what is known of them."""

    def standing(self, name: str) -> Standing:
        """What is believed of a trusted peer's keys, held until the transaction ends.

        Raises:
            UnknownPeer, PeerNotTrusted: otherwise.
        """
        ...

    def advance(self, before: Standing, after: Standing, *, at: datetime) -> None:
        """Store what is believed from now on. Raises Conflict when a new key belongs to somebody."""
        ...

    def told(self, name: str, sequence: int) -> None:
        """Remember that a peer knows the statements of this center up to this number."""
        ...
