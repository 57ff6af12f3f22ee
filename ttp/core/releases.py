"""Releases: immutable, versioned hand-overs of a project's linked IDs, encrypted to one researcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import NotFound
from ttp.core.names import (
    IdentityId,
    LeafId,
    PersonId,
    PopulationName,
    ProjectName,
    Pseudonym,
)

MOST_VERSIONS = 2**31 - 1
"""Releases of a project, as a signed number of 32 bits counts them."""


class UnknownRelease(NotFound):
    """The project has no release of this version."""

    code = "unknown-release"


class ReleaseState(StrEnum):
    """Where a release stands."""

    REQUESTED = "requested"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Release:
    """A release: who asked, to whose key it is encrypted, and what it holds in numbers."""

    id: UUID
    project: ProjectName
    version: int
    recipient: str  # age or SSH public key
    researcher: str | None  # the account that may download it
    state: ReleaseState
    requested_by: str
    requested_at: datetime
    persons: int = 0

    @property
    def recipient_name(self) -> str:
        """How receipts name those who will download it."""
        return f"release:{self.version}"


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One person of a cohort: the project pseudonym, the sites that know the person, what it supersedes."""

    pseudonym: Pseudonym
    sites: tuple[str, ...]
    supersedes: tuple[Pseudonym, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A submitted record of a population: which identity, of which person, from which site."""

    identity: IdentityId
    person: PersonId
    source: str


class ReleaseStore(Protocol):
    """Where releases are kept; their archives hold ciphertext only."""

    def members(self, population: PopulationName) -> Sequence[Member]:
        """Every record of the population."""
        ...

    def add(self, release: Release) -> None:
        """Store a request for a release."""
        ...

    def get(self, project: str, version: int) -> Release:
        """The release. Raises UnknownRelease."""
        ...

    def next_version(self, project: str) -> int:
        """The version that the next release of the project gets."""
        ...

    def publish(self, release: Release, archive: bytes, *, persons: int, leaf: LeafId) -> None:
        """Store the archive of a requested release."""
        ...

    def refuse(self, release: Release) -> None:
        """Mark a requested release as refused."""
        ...

    def archive(self, project: str, version: int) -> bytes:
        """The tar of a published release. Raises UnknownRelease."""
        ...

    def all(self, project: str | None = None) -> Sequence[Release]:
        """All releases, newest first."""
        ...
