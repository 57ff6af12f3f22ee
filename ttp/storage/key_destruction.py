"""Destructions of keys and copies of the keyring in the database; rows are added and completed, never removed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from keys.keyring import Purpose
from ttp.core.key_destruction import (
    KeyDestruction,
    KeyringBackup,
    UnknownBackup,
    UnknownDestruction,
)
from ttp.storage.tables import key_destruction, keyring_backup


class SqlDestructionStore:
    """Destructions and copies of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, destruction: KeyDestruction) -> None:
        """Store what was asked for."""
        self._connection.execute(insert(key_destruction).values(**asdict(destruction)))

    def get(self, destruction_id: UUID, *, hold: bool = False) -> KeyDestruction:
        """The destruction, held still until the transaction ends if ``hold``. Raises UnknownDestruction."""
        query = select(key_destruction).where(key_destruction.c.id == destruction_id)
        row = self._connection.execute(query.with_for_update() if hold else query).one_or_none()
        if row is None:
            raise UnknownDestruction
        return _destruction(row)

    def save(self, destruction: KeyDestruction) -> None:
        """Store where it stands."""
        self._connection.execute(
            update(key_destruction)
            .where(key_destruction.c.id == destruction.id)
            .values(**asdict(destruction))
        )

    def all(self) -> list[KeyDestruction]:
        """All destructions, newest first."""
        query = select(key_destruction).order_by(key_destruction.c.id.desc())
        return [_destruction(row) for row in self._connection.execute(query)]

    def add_backup(self, backup: KeyringBackup) -> None:
        """Store that a copy of the keyring exists."""
        self._connection.execute(insert(keyring_backup).values(**asdict(backup)))

    def backup(self, backup_id: UUID) -> KeyringBackup:
        """A copy, held still until the transaction ends. Raises UnknownBackup."""
        query = select(keyring_backup).where(keyring_backup.c.id == backup_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownBackup
        return KeyringBackup(**row._asdict())

    def save_backup(self, backup: KeyringBackup) -> None:
        """Store what became of a copy."""
        self._connection.execute(
            update(keyring_backup).where(keyring_backup.c.id == backup.id).values(**asdict(backup))
        )

    def backups(self) -> list[KeyringBackup]:
        """All copies, oldest first."""
        query = select(keyring_backup).order_by(keyring_backup.c.id)
        return [KeyringBackup(**row._asdict()) for row in self._connection.execute(query)]


def _destruction(row: Row[Any]) -> KeyDestruction:
    return KeyDestruction(
        **{**row._asdict(), "purpose": Purpose(row.purpose) if row.purpose else None}
    )
