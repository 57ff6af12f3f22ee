"""Releases in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ttp.core.names import IdentityId, LeafId, PersonId, PopulationName, ProjectName
from ttp.core.persons import IdentityState
from ttp.core.releases import Member, Release, ReleaseState, UnknownRelease
from ttp.storage.tables import projects
from ttp.storage.tables.identities import identity
from ttp.storage.tables.releases import release

_COLUMNS = [column for column in release.c if column.name != "archive"]


class SqlReleaseStore:
    """Releases of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def members(self, population: PopulationName) -> Sequence[Member]:
        """Every record of the population."""
        query = select(identity.c.id, identity.c.person, identity.c.source).where(
            identity.c.population == population, identity.c.state != IdentityState.DELETED.value
        )
        return [
            Member(IdentityId(row.id), PersonId(row.person), row.source)
            for row in self._connection.execute(query)
        ]

    def add(self, new: Release) -> None:
        """Store a request for a release."""
        self._connection.execute(
            insert(release).values(
                id=new.id,
                project=new.project,
                version=new.version,
                recipient=new.recipient,
                researcher=new.researcher,
                state=new.state.value,
                requested_by=new.requested_by,
                requested_at=new.requested_at,
                persons=new.persons,
            )
        )

    def get(self, project: str, version: int) -> Release:
        """The release. Raises UnknownRelease."""
        query = select(*_COLUMNS).where(release.c.project == project, release.c.version == version)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownRelease
        return _release(row)

    def next_version(self, project: str) -> int:
        """The version that the next release of the project gets; nobody else is told one until this ends."""
        self._connection.execute(
            select(projects.project.c.name)
            .where(projects.project.c.name == project)
            .with_for_update()
        )
        query = select(func.max(release.c.version)).where(release.c.project == project)
        return int(self._connection.execute(query).scalar() or 0) + 1

    def publish(self, published: Release, archive: bytes, *, persons: int, leaf: LeafId) -> None:
        """Store the archive of a requested release."""
        self._connection.execute(
            update(release)
            .where(release.c.id == published.id)
            .values(state=ReleaseState.RELEASED.value, archive=archive, persons=persons, leaf=leaf)
        )

    def refuse(self, refused: Release) -> None:
        """Mark a requested release as refused."""
        self._connection.execute(
            update(release)
            .where(release.c.id == refused.id)
            .values(state=ReleaseState.REFUSED.value)
        )

    def archive(self, project: str, version: int) -> bytes:
        """The tar of a published release. Raises UnknownRelease."""
        query = select(release.c.archive).where(
            release.c.project == project,
            release.c.version == version,
            release.c.archive.is_not(None),
        )
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            raise UnknownRelease
        return bytes(found)

    def all(self, project: str | None = None) -> Sequence[Release]:
        """All releases, newest first."""
        query = select(*_COLUMNS).order_by(release.c.requested_at.desc(), release.c.version.desc())
        if project is not None:
            query = query.where(release.c.project == project)
        return [_release(row) for row in self._connection.execute(query)]


def _release(row: Row[Any]) -> Release:
    return Release(
        row.id,
        ProjectName(row.project),
        row.version,
        row.recipient,
        row.researcher,
        ReleaseState(row.state),
        row.requested_by,
        row.requested_at,
        row.persons,
    )
