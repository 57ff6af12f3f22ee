"""Impact: what a decision, a split or an undoing would change, said before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ttp.core.names import DomainName, IdentityId, PersonId, PopulationName, ProjectName, Pseudonym

MOST_LISTED = 100
"""Lists end here; the counts are of everything."""


class Fate(StrEnum):
    """What becomes of a pseudonym."""

    SUPERSEDED = "superseded"  # another one of the same person is current
    RESTORED = "restored"  # it is current again
    CONTAMINATED = "contaminated"  # somebody has it for records of several persons


@dataclass(frozen=True, slots=True)
class Joined:
    """Persons that would be one, under the ID of the oldest."""

    into: PersonId
    persons: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Parted:
    """A person whose records would belong to several."""

    person: PersonId
    into: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """A pseudonym that would change, and who was given it and would be told.

    Attributes:
        new: what takes its place; empty where it is restored, and where only fresh ones will.
        fresh: how many pseudonyms would be drawn because of it.
        recipients: as receipts name them: ``client:NAME``, ``peer:CENTER``, ``release:VERSION``.
    """

    domain: DomainName
    project: ProjectName | None
    pseudonym: Pseudonym
    fate: Fate
    new: tuple[Pseudonym, ...] = ()
    fresh: int = 0
    recipients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A consent policy for which records would change: so many would be permitted newly, or no longer."""

    policy: str
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What would change. Lists are sorted and hold at most 100 entries; ``counts`` has the size of each in full.

    Attributes:
        records: how many records belong to the persons concerned.
        regrouped: the records that would belong to another person, with that person.
        releases: published releases that hold a pseudonym that would change: (project, version).
        projects: projects that know one of the persons: by such a pseudonym, or because it was submitted.
        recipients: everybody who would be told.
        counts: ``joined``, ``parted``, ``pseudonyms``, ``consents``, ``releases``, ``projects``, ``recipients``.
    """

    population: PopulationName
    records: int = 0
    regrouped: dict[IdentityId, PersonId] = field(default_factory=dict)
    joined: tuple[Joined, ...] = ()
    parted: tuple[Parted, ...] = ()
    pseudonyms: tuple[Affected, ...] = ()
    consents: tuple[ConsentChange, ...] = ()
    releases: tuple[tuple[ProjectName, int], ...] = ()
    projects: tuple[ProjectName, ...] = ()
    recipients: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Whether no person would change, and so nothing else."""
        return not self.joined and not self.parted

    def total(self, fate: Fate) -> int:
        """How many pseudonyms would meet this fate; of all, also of those that are not listed."""
        return self.counts.get(fate.value, 0)
