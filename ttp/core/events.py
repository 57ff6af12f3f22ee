"""Events: what became of pseudonyms that others hold, in one order; told to clients by a feed and by webhooks.

An event is written in the transaction of the act it tells of and gets its place when the act's leaf is sequenced:
the order of the feed is that of the audit log, and what is not in the log is not told. Events name pseudonyms,
never originals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from ttp.core.access import Actor, ActorKind
from ttp.core.errors import InvalidField
from ttp.core.names import IdentityId, LeafId, Pseudonym

ITEMS_OF_AN_EVENT = 1_000
MAXIMAL_PAGE = 1_000
MAXIMAL_WAIT_SECONDS = 30

_CURSOR = re.compile(r"(\d{1,18})(?:\.(\d{1,9}))?")


class FeedKind(StrEnum):
    """What events tell of; each item of an event is one pseudonym, in the form said here."""

    ANONYMIZED = "anonymized"  # {"pseudonym"}: it resolves to nothing any more
    DELETED = "deleted"  # {"pseudonym"}: only a tombstone is left
    EXPIRED = "expired"  # {"pseudonym"}: its validity ended
    SUPERSEDED = "superseded"  # {"old", "new"}: its person was merged with another
    CONTAMINATED = "contaminated"  # {"pseudonym", "new": [...]}: it stood for several persons


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the feed: the audit position of an act, and the number of an event among those of that act."""

    position: int = -1
    number: int = 0

    def __str__(self) -> str:
        """As clients give it back."""
        return f"{self.position}.{self.number}" if self.position >= 0 else ""

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """The place of that text; empty or None is the beginning, a position alone all events of that act.

        Raises:
            InvalidField: no cursor of this feed.
        """
        if not text:
            return cls()
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise InvalidField("The cursor is one that an earlier page gave, or an audit position.")
        number = found[2]
        return cls(int(found[1]), int(number) if number is not None else 999_999_999)


@dataclass(frozen=True, slots=True)
class Event:
    """Up to 1,000 pseudonyms of one domain that one act ended or changed.

    ``recipients`` None: everybody who may use the domain; else those who were given the pseudonyms, as
    ``recipient_of`` names them. ``number`` tells the events of one act apart, ``position`` is that of its leaf.
    """

    id: UUID
    leaf: LeafId
    number: int
    at: datetime
    kind: FeedKind
    domain: str
    project: str | None
    items: Sequence[Mapping[str, Any]]
    recipients: frozenset[str] | None = None
    position: int | None = None

    @property
    def cursor(self) -> Cursor:
        """The place of a sequenced event."""
        return Cursor(-1 if self.position is None else self.position, self.number)

    def envelope(self) -> dict[str, Any]:
        """What clients get; the envelope is the same for every kind."""
        return {
            "id": str(self.id),
            "position": self.position,
            "cursor": str(self.cursor),
            "at": self.at.isoformat(timespec="milliseconds"),
            "kind": self.kind.value,
            "domain": self.domain,
            "project": self.project,
            "data": {"items": [dict(item) for item in self.items]},
        }


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody wants and may see. ``domains``, ``projects``, ``recipient`` None: no limit."""

    kinds: frozenset[FeedKind] | None = None
    domains: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    recipient: str | None = None

    @classmethod
    def of(
        cls,
        actor: Actor,
        *,
        kinds: frozenset[FeedKind] | None = None,
        domains: frozenset[str] | None = None,
    ) -> Interest:
        """The wish within the limits of the actor."""
        allowed = actor.domains
        if allowed is not None and domains is not None:
            domains = domains & allowed
        return cls(
            kinds,
            allowed if domains is None else domains,
            actor.projects,
            recipient_of(actor) if actor.kind is ActorKind.CLIENT else None,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody was given a pseudonym for one record of a project's population."""

    identity: IdentityId
    pseudonym: Pseudonym


def recipient_of(actor: Actor) -> str:
    """How receipts and recipients name somebody."""
    return f"{actor.kind.value}:{actor.name}"


class EventStore(Protocol):
    """Where events are kept."""

    def add(self, events: Sequence[Event]) -> None:
        """Store events of an act whose leaf has no place yet."""
        ...

    def place(self) -> int:
        """Give events the positions of their leaves, where those have got one; returns how many."""
        ...

    def after(self, cursor: Cursor, interest: Interest, *, limit: int) -> list[Event]:
        """The next placed events that are of interest, in order."""
        ...

    def newest(self) -> Cursor:
        """The place of the newest event."""
        ...

    def note_told(self, domain: str, recipient: str, told: Sequence[Told]) -> None:
        """Remember who was given which pseudonyms."""
        ...

    def pass_on(self, domain: str, *, given: str, to: str) -> None:
        """Remember that who is named by ``to`` was given everything that ``given`` stands for."""
        ...

    def told_of(
        self, domain: str, identities: Sequence[IdentityId]
    ) -> dict[IdentityId, frozenset[Pseudonym]]:
        """The pseudonyms that anybody was given for each of these records."""
        ...

    def receipts(self, domain: str, pseudonyms: Sequence[Pseudonym]) -> list[tuple[str, Told]]:
        """Who was given these pseudonyms, and for which records; by recipient, record and pseudonym."""
        ...

    def recipients(
        self, domain: str, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, frozenset[str]]:
        """Who was given each of these pseudonyms; absent: nobody."""
        ...
