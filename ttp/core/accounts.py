"""Accounts: programs and people that are known here, what clients may resolve, and where this is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ttp.core.access import Actor, ActorKind, Role
from ttp.core.names import ClientName, DomainName, StaffName


@dataclass(frozen=True, slots=True)
class Client:
    """A program that calls the API. ``projects`` None: any project."""

    id: UUID
    name: ClientName
    role: Role
    domains: frozenset[DomainName]
    created_at: datetime
    revoked_at: datetime | None
    projects: frozenset[str] | None = None

    def actor(self) -> Actor:
        """The client as an actor, with everything it may do."""
        return Actor(
            ActorKind.CLIENT,
            self.name,
            self.role,
            self.id,
            frozenset(self.domains),
            self.projects,
        )


THEMES = ("system", "light", "dark")
DENSITIES = ("normal", "dense")


@dataclass(frozen=True, slots=True)
class Sight:
    """How a person wants to see the pages: one of THEMES, one of DENSITIES, and whether single letters act."""

    theme: str = "system"
    density: str = "normal"
    letter_keys: bool = True


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who works at this center, or a researcher. ``domains``, ``projects`` None: not limited."""

    id: UUID
    name: StaffName
    role: Role
    display_name: str
    password_hash: str
    language: str
    disabled_at: datetime | None
    domains: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    sight: Sight = Sight()

    def actor(self) -> Actor:
        """The person as an actor."""
        return Actor(ActorKind.STAFF, self.name, self.role, self.id, self.domains, self.projects)


@dataclass(frozen=True, slots=True)
class Grant:
    """A standing permission to resolve in one domain: purpose, items a day, end; approved by two persons."""

    id: UUID
    client_id: UUID
    domain_id: int
    purpose: str
    daily_budget: int
    expires_at: datetime
    approved_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrantUse:
    """A standing permission with the names of its client and domain, and what was used of it on one day."""

    grant: Grant
    client: ClientName
    domain: DomainName
    used: int


class ClientStore(Protocol):
    """Where clients and their grants are kept."""

    def add(self, client: Client) -> None:
        """Store a new client; its keys are added by themselves. Raises AlreadyExists."""
        ...

    def by_name(self, name: str) -> Client:
        """The client of this name, revoked or not. Raises NotFound."""
        ...

    def all(self) -> list[Client]:
        """All clients by name."""
        ...

    def revoke(self, name: str, *, at: datetime) -> None:
        """End a client's access from the next request on. Raises NotFound."""
        ...

    def add_grant(self, grant: Grant) -> None:
        """Store a standing grant."""
        ...

    def grants(self, client_id: UUID, domain_id: int, *, at: datetime) -> Sequence[Grant]:
        """The grants that stand at this time, the one with the largest budget first."""
        ...

    def spend(self, grant: Grant, *, day: str, amount: int) -> bool:
        """Take the amount from the day's budget; False, and nothing taken, when too little is left."""
        ...

    def uses(self, *, day: str) -> list[GrantUse]:
        """All grants with what was used of them on this day, the newest first."""
        ...

    def end_grant(self, grant_id: UUID, *, at: datetime) -> GrantUse:
        """Let a grant expire now. Raises NotFound: there is none that stands."""
        ...


class StaffStore(Protocol):
    """Where staff accounts and sessions are kept."""

    def add(self, staff: Staff) -> None:
        """Store an account. Raises AlreadyExists."""
        ...

    def by_name(self, name: str) -> Staff | None:
        """The account of this name, if it is not disabled."""
        ...

    def by_id(self, staff_id: UUID) -> Staff | None:
        """The account, if it is not disabled."""
        ...

    def all(self) -> list[Staff]:
        """All accounts by name."""
        ...

    def set_password(self, name: str, password_hash: str) -> None:
        """Store a new password hash and end the account's sessions. Raises NotFound."""
        ...

    def disable(self, name: str, *, at: datetime) -> None:
        """End an account and its sessions. Raises NotFound."""
        ...

    def set_sight(self, staff_id: UUID, *, language: str, sight: Sight) -> None:
        """Store how a person wants to see the pages; their sessions go on."""
        ...

    def change_role(self, staff: Staff) -> None:
        """Store role and limits of an account and end its sessions. Raises NotFound."""
        ...
