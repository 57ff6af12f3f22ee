"""Identities: identifying data as a source gave it, checked where it enters, kept in versions, found by blind index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from keys.blind_index import IndexEpoch
from ttp.core.names import CaseId, IdentityId, LeafId, PersonId, PopulationName
from ttp.core.persons import Identity, IdentityKind, IdentityState

MAXIMAL_RECORDS = 1000
BATCH = 256
"""Records matched and inserted under one lock of a population."""


class Outcome(StrEnum):
    """What registering a record came to."""

    NEW = "new"  # nobody like this was known
    LINKED = "linked"  # joined to a known person
    CASE = "case"  # perhaps a known person; somebody will look
    KNOWN = "known"  # the same record was registered before
    CHANGED = "changed"  # a new version of a known record that joined nobody by it


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome for one record. ``person`` is None unless the caller may read persons."""

    record_id: str | None
    outcome: Outcome
    identity: IdentityId
    person: PersonId | None
    case: CaseId | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """A population as it stands in this transaction, with the key versions its rows are written under.

    ``awaiting`` tells that a source said something of a record that is not here yet (in any population).
    """

    name: PopulationName
    sequence: int
    epoch: IndexEpoch
    created_at: datetime
    awaiting: bool


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """A new identity, or a new version of one (``version`` above 1). All values are sealed or keyed.

    ``record_current`` and ``identifiers`` hold blind indexes of 16 bytes, each with its index under the next
    key while a rotation runs. ``digest`` is a keyed digest of the content.
    """

    id: IdentityId
    kind: IdentityKind
    source: str
    version: int
    record_current: bytes
    record_next: bytes | None
    digest: bytes
    envelope: bytes
    identifiers: tuple[tuple[bytes, bytes | None], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """The present version of an identity: its envelope, and the position in the order of changes."""

    id: IdentityId
    kind: IdentityKind
    source: str
    person: PersonId
    ordinal: int
    sequence: int
    version: int
    created_at: datetime
    envelope: bytes
    state: IdentityState = IdentityState.ACTIVE

    @property
    def is_active(self) -> bool:
        """Whether it is matched with others."""
        return self.state is IdentityState.ACTIVE


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """An identity that is stored already under a record's index."""

    id: IdentityId
    person: PersonId
    version: int
    digest: bytes
    active: bool = True


class IdentityStore(Protocol):
    """Where populations and identities are kept. All calls take batches."""

    def add_population(
        self, name: PopulationName, *, index_version: int, at: datetime
    ) -> Population:
        """Store the population if it is not known yet, and return it."""
        ...

    def population(self, name: str) -> Population:
        """The population. Raises UnknownPopulation."""
        ...

    def populations(self) -> list[Population]:
        """All populations by name."""
        ...

    def lock(self, name: PopulationName) -> Population:
        """Take the one lock under which identities and edges of a population change, until the transaction ends.

        Raises:
            UnknownPopulation: there is none of this name.
        """
        ...

    def add(
        self, name: PopulationName, rows: Sequence[IdentityRow], *, at: datetime, leaf: LeafId
    ) -> None:
        """Insert identities, each a person of its own, and new versions; the population's lock is held."""
        ...

    def known(self, name: PopulationName, records: Sequence[bytes]) -> dict[bytes, KnownRecord]:
        """What is stored under each record index."""
        ...

    def get(self, identities: Sequence[IdentityId]) -> dict[IdentityId, Identity]:
        """The identities that exist among these."""
        ...

    def members(self, persons: Sequence[PersonId], *, lock: bool = False) -> list[Identity]:
        """The identities of these persons by ID; ``lock`` holds them still, in that order."""
        ...

    def changed_since(
        self, name: PopulationName, sequence: int, *, limit: int
    ) -> list[StoredVersion]:
        """Present versions that changed after this position, in the order of change; tombstones with no envelope."""
        ...

    def versions(self, identities: Sequence[IdentityId]) -> dict[IdentityId, StoredVersion]:
        """The present version of each identity."""
        ...

    def history(self, identity_id: IdentityId) -> list[tuple[int, datetime, bytes]]:
        """Number, time and envelope of every version, oldest first."""
        ...

    def all_versions(self, name: PopulationName) -> Iterator[StoredVersion]:
        """The present versions of a whole population by age."""
        ...

    def present_after(
        self, name: PopulationName, ordinal: int, *, limit: int
    ) -> list[StoredVersion]:
        """The present versions of the identities younger than this age, oldest first."""
        ...

    def with_identifier(
        self, name: PopulationName, indexes: Sequence[bytes]
    ) -> dict[bytes, list[IdentityId]]:
        """The identities that bear each identifier."""
        ...

    def count(self, name: PopulationName) -> tuple[int, int]:
        """How many identities and how many persons there are, tombstones not counted."""
        ...
