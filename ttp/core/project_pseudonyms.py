"""Project pseudonyms: one per person and project, the same at every site; merged persons keep the older one.

A pseudonym is issued for the person as it stands and hangs on that person's oldest identity. What becomes of it
when persons are joined or parted is said in ``ttp.core.successions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.names import Pseudonym

MAXIMAL_PAGE = 2_000
MAXIMAL_SECONDARIES = 100


@dataclass(frozen=True, slots=True)
class ProjectMember:
    """One submitted record as the linking center answers: its project pseudonym, others it had, secondary ones."""

    submission: Pseudonym
    pseudonym: Pseudonym
    former: tuple[Pseudonym, ...] = ()
    secondaries: tuple[Pseudonym, ...] = ()


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
