"""Case work in the database: leases, assignments, saved views and disclosures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from ttp.core.case_work import Disclosure, Lease, SavedView
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Pair
from ttp.core.review import CaseState
from ttp.storage.batches import is_postgresql
from ttp.storage.tables import (
    case_lease,
    disclosure,
    review_case,
    saved_view,
)
from ttp.storage.upserts import insert_free

_LOCK_CLASS = 0x74747001  # the first half of the advisory lock's key, this program's own


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

    def take(self, lease: Lease, *, at: datetime, over: bool = False) -> bool:
        """Store who works on the case; False if somebody else does at this time, and it is not taken ``over``."""
        row = {
            "case_id": lease.case_id,
            "holder": lease.holder,
            "taken_at": lease.taken_at,
            "expires_at": lease.expires_at,
        }
        if insert_free(self._connection, case_lease, [row]) == 1:
            return True
        free = (case_lease.c.holder == lease.holder) | (case_lease.c.expires_at <= at)
        done = self._connection.execute(
            update(case_lease)
            .where(case_lease.c.case_id == lease.case_id, free | literal(over))
            .values(row)
        )
        return bool(done.rowcount)

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
        values = {"owner": view.owner, "name": view.name, "query": view.query}
        if insert_free(self._connection, saved_view, [values]) != 1:
            same = (saved_view.c.owner == view.owner, saved_view.c.name == view.name)
            self._connection.execute(update(saved_view).where(*same).values(query=view.query))

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

    def disclosed(self, owner: str, day: date, *, hold: bool = False) -> int:
        """How many characters a person uncovered on a day; ``hold`` lets no other transaction add to it meanwhile."""
        if hold and is_postgresql(self._connection):
            key = func.hashtext(literal(owner))
            self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, key)))
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
