"""Four-eyes requests in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from ttp.core.access import ActorKind
from ttp.core.approvals import Approval, ApprovalFilter, ApprovalKind, ApprovalState, Comment
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
                requested_as=new.requested_as.value,
                requested_at=new.requested_at,
                sealed=new.sealed,
                **_standing(new),
            )
        )

    def get(self, approval_id: UUID) -> Approval:
        """The request, held still until the transaction ends. Raises NotFound."""
        query = select(approval).where(approval.c.id == approval_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("No such request for approval.")
        return _approval(row)

    def save(self, changed: Approval) -> None:
        """Store where it stands."""
        self._connection.execute(
            update(approval).where(approval.c.id == changed.id).values(**_standing(changed))
        )

    def open(self) -> list[Approval]:
        """All undecided requests, oldest first."""
        query = select(approval).where(approval.c.state == ApprovalState.OPEN.value)
        return [
            _approval(row)
            for row in self._connection.execute(query.order_by(approval.c.requested_at))
        ]

    def page(self, wanted: ApprovalFilter, *, limit: int) -> list[Approval]:
        """The newest ``limit`` requests that fit, newest first; IDs sort by time."""
        query = select(approval).order_by(approval.c.id.desc()).limit(limit)
        if wanted.state is not None:
            query = query.where(approval.c.state == wanted.state.value)
        if wanted.kind is not None:
            query = query.where(approval.c.kind == wanted.kind.value)
        if wanted.requested_by is not None:
            query = query.where(approval.c.requested_by == wanted.requested_by)
        if wanted.requested_as is not None:
            query = query.where(approval.c.requested_as == wanted.requested_as.value)
        if wanted.before is not None:
            query = query.where(approval.c.id < wanted.before)
        return [_approval(row) for row in self._connection.execute(query)]

    def sealed(self, kinds: Sequence[ApprovalKind]) -> list[Approval]:
        """All requests of these kinds that keep something sealed, oldest first."""
        query = select(approval).where(
            approval.c.kind.in_([one.value for one in kinds]), approval.c.sealed.is_not(None)
        )
        return [_approval(row) for row in self._connection.execute(query.order_by(approval.c.id))]

    def reseal(self, approval_id: UUID, sealed: bytes) -> None:
        """Put another envelope in the place of what a request keeps."""
        self._connection.execute(
            update(approval).where(approval.c.id == approval_id).values(sealed=sealed)
        )

    def late(self, at: datetime) -> list[Approval]:
        """Requests whose time is over at this time and that still wait or are still to be carried out."""
        waiting = (ApprovalState.OPEN.value, ApprovalState.APPROVED.value)
        query = select(approval).where(approval.c.state.in_(waiting), approval.c.expires_at <= at)
        return [_approval(row) for row in self._connection.execute(query.order_by(approval.c.id))]


def _standing(one: Approval) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "comment": one.comment.value if one.comment else None,
        "expires_at": one.expires_at,
        "done_at": one.done_at,
        "overdue_at": one.overdue_at,
    }


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        kind=ApprovalKind(row.kind),
        subject=row.subject,
        requested_by=row.requested_by,
        requested_as=ActorKind(row.requested_as),
        requested_at=row.requested_at,
        state=ApprovalState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        comment=Comment(row.comment) if row.comment else None,
        expires_at=row.expires_at,
        done_at=row.done_at,
        overdue_at=row.overdue_at,
        sealed=row.sealed,
    )
