"""Projects in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.errors import AlreadyExists
from ttp.core.names import CenterName, ProjectName
from ttp.core.projects import Project, ProjectState, Terms, UnknownProject
from ttp.storage.tables.projects import project


class SqlProjectStore:
    """Projects of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Project) -> None:
        """Store a new project. Raises AlreadyExists."""
        terms = new.terms
        try:
            self._connection.execute(
                insert(project).values(
                    id=new.id,
                    name=terms.name,
                    purpose=terms.purpose,
                    sites=list(terms.sites),
                    linking_center=terms.linking_center,
                    secret_holder=terms.secret_holder,
                    schema=terms.schema,
                    schema_fingerprint=terms.schema_fingerprint,
                    policies=list(terms.policies),
                    expires_at=terms.expires_at,
                    state=new.state.value,
                    proposed_by=new.proposed_by,
                    approved_by=new.approved_by,
                    created_at=new.created_at,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists("A project of this name exists.") from error

    def get(self, name: str) -> Project:
        """The project of this name. Raises UnknownProject."""
        row = self._connection.execute(select(project).where(project.c.name == name)).one_or_none()
        if row is None:
            raise UnknownProject
        return _project(row)

    def move(self, moved: Project, state: ProjectState, *, approved_by: str | None) -> None:
        """Store a project's new state."""
        self._connection.execute(
            update(project)
            .where(project.c.id == moved.id)
            .values(state=state.value, approved_by=approved_by or moved.approved_by)
        )

    def all(self) -> Sequence[Project]:
        """All projects, newest first."""
        query = select(project).order_by(project.c.created_at.desc())
        return [_project(row) for row in self._connection.execute(query)]


def _project(row: Row[Any]) -> Project:
    terms = Terms(
        name=ProjectName(row.name),
        purpose=row.purpose,
        sites=tuple(CenterName(site) for site in row.sites),
        linking_center=CenterName(row.linking_center),
        secret_holder=CenterName(row.secret_holder),
        schema=row.schema,
        schema_fingerprint=row.schema_fingerprint,
        policies=tuple(row.policies),
        expires_at=row.expires_at,
    )
    return Project(
        row.id, terms, ProjectState(row.state), row.proposed_by, row.approved_by, row.created_at
    )
