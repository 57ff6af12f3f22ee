"""Rotations in the database: one that has not ended per purpose and scope, by constraint."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.keyring import Purpose
from ttp.core.rotation import Rotation, RotationRunning, RotationState, Step, UnknownRotation
from ttp.storage.tables import key_rotation


class SqlRotationStore:
    """Rotations of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rotation: Rotation) -> None:
        """Store a rotation. Raises RotationRunning while one of its purpose and scope has not ended."""
        try:
            self._connection.execute(insert(key_rotation).values(**asdict(rotation)))
        except IntegrityError as error:
            raise RotationRunning from error

    def get(self, rotation_id: UUID, *, hold: bool = False) -> Rotation:
        """The rotation, held still until the transaction ends if ``hold``. Raises UnknownRotation."""
        query = select(key_rotation).where(key_rotation.c.id == rotation_id)
        row = self._connection.execute(query.with_for_update() if hold else query).one_or_none()
        if row is None:
            raise UnknownRotation
        return _rotation(row)

    def save(self, rotation: Rotation) -> None:
        """Store where the rotation stands."""
        self._connection.execute(
            update(key_rotation).where(key_rotation.c.id == rotation.id).values(**asdict(rotation))
        )

    def running(self) -> list[Rotation]:
        """The rotations that go on, oldest first."""
        query = select(key_rotation).where(key_rotation.c.state == RotationState.RUNNING.value)
        return [
            _rotation(row) for row in self._connection.execute(query.order_by(key_rotation.c.id))
        ]

    def all(self) -> list[Rotation]:
        """All rotations, newest first."""
        query = select(key_rotation).order_by(key_rotation.c.id.desc())
        return [_rotation(row) for row in self._connection.execute(query)]


def _rotation(row: Row[Any]) -> Rotation:
    values = row._asdict()
    return Rotation(
        **{
            **values,
            "purpose": Purpose(row.purpose),
            "step": Step(row.step),
            "state": RotationState(row.state),
        }
    )
