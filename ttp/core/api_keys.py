"""API keys of clients: several per client, each with a scope and an end; a lost one is replaced without a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.accounts import Client
from ttp.core.names import ClientName

KEY_LIFETIME = timedelta(days=365)
LONGEST_LIFETIME = timedelta(days=5 * 366)
WARNING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key may do of what its client may do; None: all of it."""

    rights: frozenset[Right] | None = None
    domains: frozenset[str] | None = None

    def narrow(self, actor: Actor) -> Actor:
        """The actor with this scope. A scope never widens: what the client lost, the key lost."""
        domains = actor.domains
        if self.domains is not None:
            domains = self.domains if domains is None else self.domains & domains
        return replace(actor, rights=self.rights, domains=domains)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of a client. The key itself is never stored, only its keyed digest (32 bytes)."""

    id: UUID
    client_id: UUID
    label: str
    scope: Scope
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used: date | None = None
    revoked_at: datetime | None = None

    def stands(self, *, at: datetime) -> bool:
        """Whether it opens anything at this time."""
        return self.revoked_at is None and at < self.expires_at

    def state(self, *, at: datetime) -> str:
        """``active``, ``ends soon``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        if not self.stands(at=at):
            return "expired"
        return "ends soon" if self.ends_soon(at=at) else "active"

    def ends_soon(self, *, at: datetime) -> bool:
        """Whether it stands and ends within 30 days."""
        return self.stands(at=at) and self.expires_at - at <= WARNING


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """A key and the client it belongs to, as authentication finds them in one read."""

    key: ApiKey
    client: Client

    def actor(self) -> Actor:
        """The client as this key lets it act."""
        return self.key.scope.narrow(self.client.actor())


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key and the name of its client, as lists show them."""

    key: ApiKey
    client: ClientName


class ApiKeyStore(Protocol):
    """Where API keys are kept."""

    def add(self, key: ApiKey, *, digest: bytes, key_version: int) -> None:
        """Store a new key under its keyed digest."""
        ...

    def by_digest(self, digest: bytes, *, at: datetime) -> KeyOwner | None:
        """The key of this keyed digest and its client, if both have access at this time. One statement."""
        ...

    def renew_digest(self, key_id: UUID, *, digest: bytes, key_version: int) -> None:
        """Store the digest of the same API key under another version of the client key."""
        ...

    def used(self, key_id: UUID, *, on: date) -> None:
        """Store the day of the last use."""
        ...

    def all(self) -> list[NamedKey]:
        """All keys, by client and age."""
        ...

    def revoke(self, client: str, label: str, *, at: datetime) -> None:
        """End a key from the next request on. Raises NotFound: no such key stands."""
        ...
