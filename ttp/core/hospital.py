"""Hospital systems: what they announce of their own records, with the time they said it; old news never wins.

A source may say that one of its records was replaced by another, that two are one patient, or that they are
not. It speaks of its own records only, and never against what people decided: such a contradiction is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from ttp.core.errors import InvalidField, NotFound
from ttp.core.identities import Outcome
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Pair, pair_of

MAXIMAL_MESSAGES = 1000


class UnknownSurvivor(NotFound):
    """Taken back is a merge or link of a record that the source neither registered nor spoke of."""

    code = "unknown-survivor"


class SameRecord(InvalidField):
    """A message links a record to itself."""

    code = "same-record"


class Relation(StrEnum):
    """What a source says of two of its records."""

    REPLACED = "replaced"  # the first was merged into the second
    LINKED = "linked"  # both go on; they are one patient
    PARTED = "parted"  # a merge or link is taken back


class Came(StrEnum):
    """What a message came to, besides what registering a record comes to."""

    JOINED = "joined"  # the records are one person
    ASKED = "asked"  # people decided otherwise: a case holds the contradiction
    AWAITED = "awaited"  # one record is not here yet: remembered until it comes
    PARTED = "parted"  # the records are different persons again
    STILL_JOINED = "still-joined"  # the link ended, but other edges hold the person together
    KNOWN = "known"  # said before
    OUTDATED = "outdated"  # something newer was said before


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Data of a record: absent fields stay as they are, None deletes a field. ``at`` is when the source said it."""

    record: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RelationMessage:
    """What a source says of two records. ``record`` are data of the second, if the message brings them.

    ``by_reference`` marks what the data of the first say themselves, so that their silence takes it back.
    """

    relation: Relation
    first: str
    second: str
    record: Mapping[str, Any] | None = None
    at: datetime | None = None
    by_reference: bool = False


Message = RecordMessage | RelationMessage


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a message, and the record it speaks of (the replaced one of a merge)."""

    record_id: str | None
    outcome: Outcome | Came
    case: CaseId | None = None


@dataclass(frozen=True, slots=True)
class SaidRelation:
    """What a source said last of a pair. ``replaced`` is the identity that was merged into the other, if so."""

    source: str
    pair: Pair
    relation: Relation
    replaced: IdentityId | None
    by_reference: bool
    said_at: datetime | None

    @property
    def surviving(self) -> IdentityId | None:
        """The identity that took the place of the replaced one."""
        first, second = self.pair
        return None if self.replaced is None else (second if self.replaced == first else first)


@dataclass(frozen=True, slots=True)
class AwaitedRelation:
    """A relation to a record that is not registered yet. ``digest`` is a keyed digest of that record's name.

    ``survivor``: it is the second of the two, into which the known one was merged; else the known one is.
    """

    digest: bytes
    known: IdentityId
    relation: Relation
    by_reference: bool
    said_at: datetime | None
    survivor: bool = False

    def replaced(self, came: IdentityId) -> IdentityId | None:
        """The one that was merged into the other, if so; ``came`` is who was awaited."""
        if self.relation is not Relation.REPLACED:
            return None
        return self.known if self.survivor else came


@dataclass(frozen=True, slots=True)
class AwaitedPair:
    """A relation of two records of which neither is registered yet, by the digests of their names."""

    first: bytes
    second: bytes
    relation: Relation
    by_reference: bool
    said_at: datetime | None

    def with_first(self, known: IdentityId) -> AwaitedRelation:
        """What is awaited once the first record is here."""
        return AwaitedRelation(
            self.second, known, self.relation, self.by_reference, self.said_at, survivor=True
        )

    def with_second(self, known: IdentityId) -> AwaitedRelation:
        """What is awaited once the second record is here."""
        return AwaitedRelation(self.first, known, self.relation, self.by_reference, self.said_at)


def is_older(said: datetime | None, newest: datetime | None) -> bool:
    """Whether something newer was said before; what has no time counts as new."""
    return said is not None and newest is not None and said < newest


def said_between(
    source: str, message: RelationMessage, first: IdentityId, second: IdentityId
) -> SaidRelation:
    """What the message says, between the identities of its records."""
    replaced = first if message.relation is Relation.REPLACED else None
    return SaidRelation(
        source,
        pair_of(first, second),
        message.relation,
        replaced,
        message.by_reference,
        message.at,
    )


def checked_time(text: str | None) -> datetime | None:
    """The time of a message as RFC 3339 with an offset.

    Raises:
        InvalidField: otherwise.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidField("A message's time is written as RFC 3339.") from None
    if found.tzinfo is None:
        raise InvalidField("A message's time needs an offset to UTC.")
    return found.astimezone(UTC)


class HospitalStore(Protocol):
    """What sources said, and when. The population's lock is held by whoever writes."""

    def times(self, identities: Sequence[IdentityId]) -> dict[IdentityId, datetime]:
        """When the newest data of each identity were said, as far as known."""
        ...

    def set_times(self, rows: Sequence[tuple[IdentityId, datetime]], *, leaf: LeafId) -> None:
        """Note when the data of identities were said; an older time changes nothing."""
        ...

    def said(self, source: str, identities: Sequence[IdentityId]) -> list[SaidRelation]:
        """What a source said last of each pair with one of the identities."""
        ...

    def say(self, said: SaidRelation, *, leaf: LeafId) -> None:
        """Store what a source said last of a pair."""
        ...

    def replaced(self, identities: Sequence[IdentityId]) -> dict[IdentityId, IdentityId]:
        """The identity that replaced each of these according to its source, where one did."""
        ...

    def await_record(self, awaited: AwaitedRelation, *, leaf: LeafId) -> None:
        """Remember what was said of a record that is not here yet; what was said last counts."""
        ...

    def awaited(self, digests: Sequence[bytes]) -> list[AwaitedRelation]:
        """What is remembered of records with one of these digests."""
        ...

    def awaited_by(self, known: Sequence[IdentityId]) -> list[AwaitedRelation]:
        """What is remembered of records that are to be related to these."""
        ...

    def forget_awaited(self, rows: Sequence[AwaitedRelation]) -> None:
        """Remove these, because the records came or it was taken back."""
        ...

    def await_pair(self, pair: AwaitedPair, *, leaf: LeafId) -> None:
        """Remember what was said of two records that are not here yet."""
        ...

    def awaited_pairs(self, digests: Sequence[bytes]) -> list[AwaitedPair]:
        """What is remembered of pairs in which a record with one of these digests is."""
        ...

    def forget_pairs(self, pairs: Sequence[AwaitedPair]) -> None:
        """Remove these, because a record came or it was taken back."""
        ...

    def appease(self, pair: Pair, *, source: str) -> None:
        """The source no longer contradicts: a question about the pair that it raised is no contradiction any more."""
        ...

    def contradict(self, pair: Pair, *, source: str, leaf: LeafId, at: datetime) -> CaseId | None:
        """Ask again about a pair that was asked before, because its source contradicts; None if it never was."""
        ...
