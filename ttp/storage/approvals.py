"""Four-eyes requests in the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from ttp.core.approvals import Approval, ApprovalKind, ApprovalState
from ttp.core.errors import NotFound
from ttp.storage.tables import approval


class SqlApprovalStore:
    """Requests for approval of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Approval) -> None:
        """Store a new request."""
        self._connection.execute(
            insert(approval).values(
                id=new.id,
                kind=new.kind.value,
                subject=dict(new.subject),
                requested_by=new.requested_by,
                requested_at=new.requested_at,
                state=new.state.value,
            )
        )

    def get(self, approval_id: UUID) -> Approval:
        """The request, held still until the transaction ends. Raises NotFound."""
        query = select(approval).where(approval.c.id == approval_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("No such request for approval.")
        return _approval(row)

    def decide(self, decided: Approval) -> None:
        """Store the decision."""
        self._connection.execute(
            update(approval)
            .where(approval.c.id == decided.id)
            .values(
                state=decided.state.value,
                decided_by=decided.decided_by,
                decided_at=decided.decided_at,
            )
        )

    def open(self) -> list[Approval]:
        """All undecided requests, oldest first."""
        query = select(approval).where(approval.c.state == ApprovalState.OPEN.value)
        return [
            _approval(row)
            for row in self._connection.execute(query.order_by(approval.c.requested_at))
        ]

    def all(self) -> list[Approval]:
        """All requests, newest first."""
        query = select(approval).order_by(approval.c.requested_at.desc())
        return [_approval(row) for row in self._connection.execute(query)]


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        row.id,
        ApprovalKind(row.kind),
        row.subject,
        row.requested_by,
        row.requested_at,
        ApprovalState(row.state),
        row.decided_by,
        row.decided_at,
    )
