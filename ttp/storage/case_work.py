"""Case work in the database: leases, assignments, saved views and disclosures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from ttp.core.case_work import Disclosure, Lease, SavedView
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Pair
from ttp.core.review import CaseState
from ttp.storage.tables import (
    case_lease,
    disclosure,
    review_case,
    saved_view,
)


class SqlCaseWorkStore:
    """The work around cases of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lease(self, case_id: CaseId) -> Lease | None:
        """Who worked on the case last, whether their time is over or not."""
        row = self._connection.execute(
            select(case_lease).where(case_lease.c.case_id == case_id)
        ).one_or_none()
        return Lease(CaseId(row.case_id), row.holder, row.taken_at, row.expires_at) if row else None

    def take(self, lease: Lease) -> None:
        """Store who works on the case."""
        self._connection.execute(delete(case_lease).where(case_lease.c.case_id == lease.case_id))
        self._connection.execute(
            insert(case_lease).values(
                case_id=lease.case_id,
                holder=lease.holder,
                taken_at=lease.taken_at,
                expires_at=lease.expires_at,
            )
        )

    def give_back(self, case_id: CaseId, holder: str) -> None:
        """End the lease if it is this holder's."""
        self._connection.execute(
            delete(case_lease).where(case_lease.c.case_id == case_id, case_lease.c.holder == holder)
        )

    def assign(self, cases: Sequence[CaseId], assignee: str | None) -> None:
        """Store who should decide these cases."""
        self._connection.execute(
            update(review_case).where(review_case.c.id.in_(cases)).values(assignee=assignee)
        )

    def set_due(self, cases: Sequence[CaseId], due_at: datetime | None) -> None:
        """Store by when these cases should be decided."""
        self._connection.execute(
            update(review_case).where(review_case.c.id.in_(cases)).values(due_at=due_at)
        )

    def returning(self, at: datetime, *, limit: int) -> list[CaseId]:
        """Postponed cases whose time has come."""
        query = select(review_case.c.id).where(
            review_case.c.returns_at <= at, review_case.c.state == CaseState.POSTPONED.value
        )
        rows = self._connection.execute(query.order_by(review_case.c.returns_at).limit(limit))
        return [CaseId(row.id) for row in rows]

    def views(self, owner: str) -> list[SavedView]:
        """The saved views of a person by name."""
        query = select(saved_view).where(saved_view.c.owner == owner).order_by(saved_view.c.name)
        return [
            SavedView(row.owner, row.name, row.query) for row in self._connection.execute(query)
        ]

    def save_view(self, view: SavedView) -> None:
        """Store a view; one of the same name is replaced."""
        self.drop_view(view.owner, view.name)
        values = {"owner": view.owner, "name": view.name, "query": view.query}
        self._connection.execute(insert(saved_view).values(values))

    def drop_view(self, owner: str, name: str) -> bool:
        """Forget a view; whether there was one."""
        chosen = (saved_view.c.owner == owner, saved_view.c.name == name)
        return bool(self._connection.execute(delete(saved_view).where(*chosen)).rowcount)

    def disclose(self, one: Disclosure, *, leaf: LeafId) -> None:
        """Store what was uncovered."""
        self._connection.execute(
            insert(disclosure).values(
                id=one.id,
                owner=one.owner,
                day=one.day,
                case_id=one.case_id,
                first=one.pair[0],
                second=one.pair[1],
                field=one.field,
                step=one.step,
                characters=one.characters,
                leaf=leaf,
            )
        )

    def disclosed(self, owner: str, day: date) -> int:
        """How many characters a person uncovered on a day."""
        query = select(func.coalesce(func.sum(disclosure.c.characters), 0))
        found = self._connection.execute(
            query.where(disclosure.c.owner == owner, disclosure.c.day == day)
        )
        return int(found.scalar_one())

    def uncovered(self, owner: str, day: date, case_id: CaseId) -> dict[tuple[Pair, str], int]:
        """How far this person has uncovered which fields of a case that day."""
        columns = disclosure.c.first, disclosure.c.second, disclosure.c.field
        query = select(*columns, func.max(disclosure.c.step).label("step")).where(
            disclosure.c.owner == owner,
            disclosure.c.day == day,
            disclosure.c.case_id == case_id,
        )
        rows = self._connection.execute(query.group_by(*columns))
        return {
            ((IdentityId(row.first), IdentityId(row.second)), row.field): row.step for row in rows
        }
