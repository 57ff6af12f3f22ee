"""Matching models in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ttp.core.matching_models import ModelState, ModelVersion, UnknownModel
from ttp.core.names import LeafId
from ttp.storage.tables import matching_model


class SqlModelStore:
    """Versions of the matching model, of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, version: ModelVersion, *, leaf: LeafId) -> None:
        """Store a new version."""
        self._connection.execute(
            insert(matching_model).values(
                id=version.id,
                number=version.number,
                name=version.name,
                state=version.state.value,
                parameters=dict(version.parameters),
                records=version.records,
                pairs=version.pairs,
                made_by=version.made_by,
                made_at=version.made_at,
                activated_at=version.activated_at,
                leaf=leaf,
            )
        )

    def get(self, name: str) -> ModelVersion:
        """The version of this name. Raises UnknownModel."""
        query = select(matching_model).where(matching_model.c.name == name)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownModel
        return _version(row)

    def all(self) -> list[ModelVersion]:
        """All versions, newest first."""
        query = select(matching_model).order_by(matching_model.c.number.desc())
        return [_version(row) for row in self._connection.execute(query)]

    def active(self) -> ModelVersion | None:
        """The version in use; None where the shipped model is."""
        query = select(matching_model).where(matching_model.c.state == ModelState.ACTIVE.value)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _version(row)

    def activate(self, name: str | None, *, at: datetime) -> None:
        """Use the version of this name, or the shipped model; the one in use before is retired."""
        in_use = matching_model.c.state == ModelState.ACTIVE.value
        retired = update(matching_model).where(in_use).values(state=ModelState.RETIRED.value)
        self._connection.execute(retired)
        if name is not None:
            active = {"state": ModelState.ACTIVE.value, "activated_at": at}
            of_name = matching_model.c.name == name
            self._connection.execute(update(matching_model).where(of_name).values(**active))


def _version(row: Row[Any]) -> ModelVersion:
    return ModelVersion(
        id=row.id,
        number=row.number,
        name=row.name,
        state=ModelState(row.state),
        parameters=row.parameters,
        records=row.records,
        pairs=row.pairs,
        made_by=row.made_by,
        made_at=row.made_at,
        activated_at=row.activated_at,
    )
