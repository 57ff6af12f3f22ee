"""Successions of project pseudonyms at the linking center, and what sites fetched, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ttp.core.domains import Domain
from ttp.core.names import IdentityId, LeafId, PopulationName, Pseudonym
from ttp.core.project_pseudonyms import ProjectMember
from ttp.core.pseudonyms import PseudonymState
from ttp.core.successions import Anchor
from ttp.storage.batches import cut, select_in
from ttp.storage.index_slots import slots
from ttp.storage.tables import identity, project_member, pseudonym

_ROWS = 5000


class SqlSuccessionStore:
    """Successions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def records(
        self, population: PopulationName, source: str, *, after: IdentityId | None, limit: int
    ) -> list[IdentityId]:
        """The identities of one source after a given one, in the order of their IDs."""
        query = select(identity.c.id).where(
            identity.c.population == population, identity.c.source == source
        )
        if after is not None:
            query = query.where(identity.c.id > after)
        rows = self._connection.execute(query.order_by(identity.c.id).limit(limit))
        return [IdentityId(row.id) for row in rows]

    def anchors(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, Anchor]:
        """The pseudonym that hangs on each index, current or superseded."""
        index = slots(pseudonym, domain.epoch).current
        query = select(pseudonym, index.label("found")).where(pseudonym.c.domain_id == domain.id)
        rows = select_in(self._connection, query, index, sorted(indexes))
        return {
            bytes(row.found): Anchor(
                Pseudonym(row.pseudonym),
                bytes(row.found),
                row.created_at,
                Pseudonym(row.successor) if row.successor else None,
            )
            for row in rows
        }

    def supersede(
        self, domain: Domain, successors: Mapping[Pseudonym, Pseudonym | None], *, leaf: LeafId
    ) -> None:
        """Set or, with None, take back the successor of pseudonyms; their strings and originals stay."""
        if not successors:
            return
        self._connection.execute(
            update(pseudonym)
            .where(pseudonym.c.domain_id == domain.id, pseudonym.c.pseudonym == bindparam("old"))
            .values(state=bindparam("new_state"), successor=bindparam("new"), leaf=leaf),
            [
                {"old": old, "new": new, "new_state": _state(new)}
                for old, new in sorted(successors.items())
            ],
        )


class SqlMemberStore:
    """Fetched project pseudonyms of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, project: str, members: Sequence[ProjectMember], *, at: datetime) -> None:
        """Store members; what stood for their submission pseudonyms is replaced."""
        for part in cut(sorted(members, key=lambda member: member.submission), _ROWS):
            names = [member.submission for member in part]
            self._connection.execute(
                delete(project_member).where(
                    project_member.c.project == project, project_member.c.submission.in_(names)
                )
            )
            rows = [_columns(project, member, at) for member in part]
            self._connection.execute(insert(project_member), rows)

    def of(self, project: str, submissions: Sequence[Pseudonym]) -> dict[Pseudonym, ProjectMember]:
        """The members of these submission pseudonyms."""
        query = select(project_member).where(project_member.c.project == project)
        rows = select_in(self._connection, query, project_member.c.submission, sorted(submissions))
        return {
            Pseudonym(row.submission): ProjectMember(
                Pseudonym(row.submission),
                Pseudonym(row.pseudonym),
                tuple(map(Pseudonym, row.former)),
                tuple(map(Pseudonym, row.secondaries)),
            )
            for row in rows
        }

    def submissions(self, project: str) -> list[Pseudonym]:
        """The submission pseudonyms of all members."""
        query = select(project_member.c.submission).where(project_member.c.project == project)
        return list(map(Pseudonym, self._connection.execute(query).scalars()))

    def count(self, project: str) -> int:
        """How many members the project has here."""
        query = select(func.count()).select_from(project_member)
        return self._connection.execute(
            query.where(project_member.c.project == project)
        ).scalar_one()

    def newest_fetch(self, project: str) -> datetime | None:
        """When members were last fetched."""
        query = select(project_member.c.fetched_at).where(project_member.c.project == project)
        return self._connection.execute(
            query.order_by(project_member.c.fetched_at.desc()).limit(1)
        ).scalar_one_or_none()


def _state(successor: Pseudonym | None) -> int:
    return (PseudonymState.SUPERSEDED if successor else PseudonymState.ACTIVE).value


def _columns(project: str, member: ProjectMember, at: datetime) -> dict[str, object]:
    return {
        "project": project,
        "submission": member.submission,
        "pseudonym": member.pseudonym,
        "secondaries": list(member.secondaries),
        "former": list(member.former),
        "fetched_at": at,
    }
