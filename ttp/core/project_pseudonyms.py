"""Project pseudonyms: one per person and project, the same at every site; merged persons keep the older one.

A pseudonym is issued for the person as it stands and hangs on that person's oldest identity. Of the
pseudonyms that hang on the identities of one person the oldest is current, the others are tombstones that
name it; when the person is parted again, each part has what hangs on its own identities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.domains import Domain
from ttp.core.names import IdentityId, LeafId, PopulationName, Pseudonym

MAXIMAL_PAGE = 2_000
MAXIMAL_SECONDARIES = 100


@dataclass(frozen=True, slots=True)
class Anchor:
    """A pseudonym and the blind index of the original it was issued for, in order of creation."""

    pseudonym: Pseudonym
    index: bytes
    created_at: datetime
    successor: Pseudonym | None


@dataclass(frozen=True, slots=True)
class ProjectMember:
    """One submitted record as the linking center answers: its project pseudonym, others it had, secondary ones."""

    submission: Pseudonym
    pseudonym: Pseudonym
    former: tuple[Pseudonym, ...] = ()
    secondaries: tuple[Pseudonym, ...] = ()


class SuccessionStore(Protocol):
    """Which pseudonyms of a domain were superseded by which, and which hang on an original."""

    def records(
        self, population: PopulationName, source: str, *, after: IdentityId | None, limit: int
    ) -> list[IdentityId]:
        """The identities of one source after a given one, in the order of their IDs."""
        ...

    def anchors(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, Anchor]:
        """The pseudonym that hangs on each index, current or superseded."""
        ...

    def supersede(
        self, domain: Domain, successors: Mapping[Pseudonym, Pseudonym | None], *, leaf: LeafId
    ) -> None:
        """Set or, with None, take back the successor of pseudonyms; their strings and originals stay."""
        ...


class MemberStore(Protocol):
    """Where a site keeps what it fetched."""

    def put(self, project: str, members: Sequence[ProjectMember], *, at: datetime) -> None:
        """Store members; what stood for their submission pseudonyms is replaced."""
        ...

    def of(self, project: str, submissions: Sequence[Pseudonym]) -> dict[Pseudonym, ProjectMember]:
        """The members of these submission pseudonyms."""
        ...

    def submissions(self, project: str) -> list[Pseudonym]:
        """The submission pseudonyms of all members."""
        ...

    def count(self, project: str) -> int:
        """How many members the project has here."""
        ...

    def newest_fetch(self, project: str) -> datetime | None:
        """When members were last fetched."""
        ...
