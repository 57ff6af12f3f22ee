"""Destruction of keys: four eyes, for good; over only when every older copy of the keyring is disposed of too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from keys.keyring import Purpose
from ttp.core.errors import Conflict, NotFound
from ttp.core.names import LeafId


class KeyInUse(Conflict):
    """Rows still refer to this key version, or it is not retired; finish its rotation first."""

    code = "key-in-use"


class UnknownDestruction(NotFound):
    """No destruction of keys has this ID."""

    code = "unknown-destruction"


class UnknownBackup(NotFound):
    """No copy of the keyring with this ID is waiting for its disposal."""

    code = "unknown-backup"


@dataclass(frozen=True, slots=True)
class KeyDestruction:
    """Keys to be destroyed: one version of one purpose, or (both None) all keys of the scope.

    ``generation`` is that of the keyring from which the keys were gone; ``leaf`` records that they are.
    """

    id: UUID
    scope: str
    requested_by: str
    requested_at: datetime
    purpose: Purpose | None = None
    version: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    fingerprint: str | None = None
    generation: int | None = None
    destroyed_at: datetime | None = None
    leaf: LeafId | None = None

    @property
    def facts(self) -> dict[str, str]:
        """What leaves and approvals say about it."""
        if self.purpose is None:
            return {"scope": self.scope, "keys": "all"}
        return {"scope": self.scope, "keys": f"{self.purpose.value} {self.version}"}


@dataclass(frozen=True, slots=True)
class KeyringBackup:
    """A sealed copy of the keyring that an operator made. ``digest`` (SHA-256) tells which file it is."""

    id: UUID
    fingerprint: str
    generation: int
    digest: bytes
    made_by: str
    made_at: datetime
    leaf: LeafId
    disposed_by: str | None = None
    disposed_at: datetime | None = None
    disposed_leaf: LeafId | None = None


class DestructionStore(Protocol):
    """Where destructions of keys and copies of the keyring are kept."""

    def add(self, destruction: KeyDestruction) -> None:
        """Store what was asked for."""
        ...

    def get(self, destruction_id: UUID, *, hold: bool = False) -> KeyDestruction:
        """The destruction, held still until the transaction ends if ``hold``. Raises UnknownDestruction."""
        ...

    def save(self, destruction: KeyDestruction) -> None:
        """Store where it stands."""
        ...

    def all(self) -> list[KeyDestruction]:
        """All destructions, newest first."""
        ...

    def add_backup(self, backup: KeyringBackup) -> None:
        """Store that a copy of the keyring exists."""
        ...

    def backup(self, backup_id: UUID) -> KeyringBackup:
        """A copy, held still until the transaction ends. Raises UnknownBackup."""
        ...

    def save_backup(self, backup: KeyringBackup) -> None:
        """Store what became of a copy."""
        ...

    def backups(self) -> list[KeyringBackup]:
        """All copies, oldest first."""
        ...
