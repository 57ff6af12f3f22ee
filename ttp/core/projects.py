"""Projects: an approved purpose for which sites may link and researchers may receive cohort IDs; until it expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, InvalidField, NotAllowed, NotFound
from ttp.core.names import CenterName, DomainName, PopulationName, ProjectName

MAXIMAL_PURPOSE = 500


class UnknownProject(NotFound):
    """No project has this name here."""

    code = "unknown-project"


class ProjectNotActive(NotAllowed):
    """The project is not approved, or it has expired or ended."""

    code = "project-not-active"


class ProjectState(StrEnum):
    """Where a project stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a project is, the same at every center that takes part.

    sites: the centers that encode and submit. linking_center: the one that links and never holds the
    linkage secret. secret_holder: the site that draws the secret. schema, schema_fingerprint: how
    identifying data are encoded. policies: consent policy codes that each patient must have permitted.
    """

    name: ProjectName
    purpose: str
    sites: tuple[CenterName, ...]
    linking_center: CenterName
    secret_holder: CenterName
    schema: str
    schema_fingerprint: str
    policies: tuple[str, ...]
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuse terms that cannot work.

        Raises:
            InvalidField: too few sites, a linking center that would hold the secret, no purpose.
        """
        if len(set(self.sites)) != len(self.sites) or len(self.sites) < 2:
            raise InvalidField("A project has at least two different sites.")
        if self.secret_holder not in self.sites:
            raise InvalidField("The secret holder is one of the sites.")
        if self.linking_center in self.sites:
            raise InvalidField(
                "The linking center must not encode: it never holds the linkage secret."
            )
        if not 1 <= len(self.purpose.strip()) <= MAXIMAL_PURPOSE:
            raise InvalidField(f"A project has a purpose of at most {MAXIMAL_PURPOSE} characters.")


@dataclass(frozen=True, slots=True)
class Project:
    """A project as this center knows it."""

    id: UUID
    terms: Terms
    state: ProjectState
    proposed_by: str
    approved_by: str | None
    created_at: datetime

    @property
    def name(self) -> ProjectName:
        """Its name, the same at every center."""
        return self.terms.name

    def is_active(self, at: datetime) -> bool:
        """Whether the project may be worked on: approved and not expired."""
        return self.state is ProjectState.APPROVED and at < self.terms.expires_at

    def require_active(self, at: datetime) -> None:
        """Pass if the project may be worked on.

        Raises:
            ProjectNotActive: otherwise.
        """
        if not self.is_active(at):
            raise ProjectNotActive

    def require_site(self, center: str) -> None:
        """Pass if the center is a site of the project.

        Raises:
            NotAllowed: otherwise.
        """
        if center not in self.terms.sites:
            raise NotAllowed("This center is not a site of the project.")

    def moved_to(self, state: ProjectState) -> ProjectState:
        """The state, if the project may go there from where it stands.

        Raises:
            Conflict: otherwise.
        """
        if state not in _NEXT[self.state]:
            raise Conflict(f"A project that is {self.state} cannot become {state}.")
        return state

    @property
    def population(self) -> PopulationName:
        """The scope in which this project's persons are told apart at the linking center."""
        return population_of(self.name)

    @property
    def submission_domain(self) -> DomainName:
        """The domain of a site's submission pseudonyms, made for this project alone."""
        return DomainName(f"{self.name}.submission")

    @property
    def domain(self) -> DomainName:
        """The domain of the project pseudonyms, at the linking center."""
        return DomainName(f"{self.name}.project")


_NEXT: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.PROPOSED: frozenset({ProjectState.APPROVED, ProjectState.REFUSED}),
    ProjectState.APPROVED: frozenset({ProjectState.ENDED}),
    ProjectState.REFUSED: frozenset(),
    ProjectState.ENDED: frozenset(),
}


def population_of(project: str) -> PopulationName:
    """The population of a project."""
    return PopulationName(f"project:{project}")


class ProjectStore(Protocol):
    """Where projects are kept."""

    def add(self, project: Project) -> None:
        """Store a new project. Raises AlreadyExists."""
        ...

    def get(self, name: str) -> Project:
        """The project of this name. Raises UnknownProject."""
        ...

    def move(self, project: Project, state: ProjectState, *, approved_by: str | None) -> None:
        """Store a project's new state."""
        ...

    def all(self) -> Sequence[Project]:
        """All projects, newest first."""
        ...
