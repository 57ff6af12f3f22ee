"""The life of identities: they are deactivated, come back, are preferred, and in the end only a tombstone is left.

An inactive identity is found and shown, but matched with nobody and asked about no more; its links stand. A deleted
one has lost what its source said, its identifiers and its links for good; its ID is never used again.

The preferred identity of a person speaks for it. A pin of a member of staff decides, the newest if there are several
(persons are merged); else the source that comes first in the population's order; else the identity that changed
last. Inactive identities come after active ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, NotFound
from ttp.core.identities import StoredVersion
from ttp.core.names import DecisionId, IdentityId, LeafId, PopulationName
from ttp.core.persons import Identity, IdentityState

MOST_SOURCES = 200


class UnknownIdentity(NotFound):
    """No identity has this ID, or it was deleted."""

    code = "unknown-identity"


class UnknownPerson(NotFound):
    """No person has this ID; perhaps it was merged into another one."""

    code = "unknown-person"


class IdentityInUse(Conflict):
    """People's decisions or statements of consent hang on the identity; name them to let them go with it."""

    code = "identity-in-use"


class ChangeKind(StrEnum):
    """What was done to an identity besides a new version."""

    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    DELETED = "deleted"
    PINNED = "pinned"
    UNPINNED = "unpinned"


class ChangeReason(StrEnum):
    """Why: codes, because people write names into free text."""

    DUPLICATE = "duplicate"
    TEST_RECORD = "test-record"
    WRONG_PATIENT = "wrong-patient"  # the source mixed up two patients
    SOURCE_ENDED = "source-ended"  # the source has it no more
    WISH = "wish"  # the person concerned asked for it
    RETENTION = "retention"  # the time to keep it is over
    MISTAKE = "mistake"  # what was done before was wrong
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """One change of an identity; a fact that is added and never edited."""

    identity: IdentityId
    kind: ChangeKind
    reason: ChangeReason | None
    by: str
    at: datetime
    leaf: LeafId


def by_preference(
    rows: Sequence[StoredVersion],
    pins: Mapping[IdentityId, datetime | None],
    sources: Sequence[str],
) -> list[StoredVersion]:
    """The identities of one person, the preferred one first; ``sources`` are in the population's order."""
    ranks = {source: rank for rank, source in enumerate(sources)}
    never = datetime.min.replace(tzinfo=UTC)
    last = len(ranks)

    def place(row: StoredVersion) -> tuple[bool, float, int, int]:
        pinned = pins.get(row.id) or never
        return (
            not row.is_active,
            -(pinned - never).total_seconds(),
            ranks.get(row.source, last),
            -row.sequence,
        )

    return sorted(rows, key=place)


def pins_of(identities: Sequence[Identity]) -> dict[IdentityId, datetime | None]:
    """When each identity was pinned."""
    return {one.id: one.pinned_at for one in identities}


class IdentityLifeStore(Protocol):
    """Where the life of identities is kept. Whoever changes a state holds the population's lock."""

    def set_state(
        self,
        population: PopulationName,
        identities: Sequence[IdentityId],
        state: IdentityState,
        *,
        leaf: LeafId,
    ) -> None:
        """Set the state, as a change that other processes catch up with."""
        ...

    def erase(
        self, population: PopulationName, identities: Sequence[IdentityId], *, leaf: LeafId
    ) -> None:
        """Leave tombstones: no envelope, no index, no identifier, no digest of these is left."""
        ...

    def pin(self, identity: IdentityId, *, at: datetime | None, leaf: LeafId) -> None:
        """Set or take away the pin."""
        ...

    def add_changes(self, changes: Sequence[tuple[UUID, IdentityChange]]) -> None:
        """Store changes under their new IDs."""
        ...

    def changes(self, identities: Sequence[IdentityId]) -> list[IdentityChange]:
        """All changes of these identities, oldest first."""
        ...

    def count_consents(self, identities: Sequence[IdentityId]) -> int:
        """How many statements of consent these identities brought."""
        ...

    def pass_consents_on(self, identities: Sequence[IdentityId], *, to: IdentityId | None) -> None:
        """Let the statements of these identities be those of another one, or be gone."""
        ...

    def decisions_about(self, identities: Sequence[IdentityId]) -> list[DecisionId]:
        """IDs under which reasons of decisions about these, and of their undoings, are sealed."""
        ...

    def set_reason(self, decision: DecisionId, reason: bytes) -> None:
        """Put another envelope in the place of the reason that is sealed under this ID."""
        ...

    def sources(self, population: PopulationName) -> list[str]:
        """The sources in the order that was set, the most trusted first."""
        ...

    def set_sources(
        self, population: PopulationName, sources: Sequence[str], *, leaf: LeafId
    ) -> None:
        """Set the order of sources."""
        ...

    def known_sources(self, population: PopulationName) -> dict[str, int]:
        """How many identities each source has, tombstones not counted."""
        ...
