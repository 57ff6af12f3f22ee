"""Four eyes: how approvals expire, are carried out and are reviewed."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIMES = ("expires_at", "done_at", "overdue_at")
_DAYS = 14
_LATER = ("domain-policy", "role", "re-identification", "break-glass")


def upgrade() -> None:
    """Apply; what was approved before was carried out with it, but for destructions that are not finished."""
    time = ttp.storage.tables.base.UtcTime(timezone=True)
    op.add_column(
        "approval",
        sa.Column("requested_as", sa.String(length=16), server_default="staff", nullable=False),
    )
    op.add_column("approval", sa.Column("comment", sa.String(length=32), nullable=True))
    for name in _TIMES:
        op.add_column("approval", sa.Column(name, time, nullable=True))
    op.add_column("approval", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_approval_requested_by"), "approval", ["requested_by"])
    approval = _approval()
    destruction = sa.table("key_destruction", sa.column("id"), sa.column("destroyed_at"))
    unfinished = sa.select(destruction.c.id).where(destruction.c.destroyed_at.is_(None))
    op.execute(
        approval.update()
        .where(approval.c.state == "approved", approval.c.id.not_in(unfinished))
        .values(state="carried-out", done_at=approval.c.decided_at)
    )
    op.execute(
        approval.update()
        .where(approval.c.state == "open")
        .values(expires_at=datetime.now(UTC) + timedelta(days=_DAYS))
    )


def downgrade() -> None:
    """Take back; kinds and states that were not known before become what comes nearest."""
    approval = _approval()
    op.execute(approval.delete().where(approval.c.kind.in_(_LATER)))
    for known, states in (
        ("approved", ("carried-out",)),
        ("refused", ("withdrawn", "expired")),
    ):
        op.execute(approval.update().where(approval.c.state.in_(states)).values(state=known))
    op.drop_index(op.f("ix_approval_requested_by"), table_name="approval")
    for name in ("sealed", *_TIMES, "comment", "requested_as"):
        op.drop_column("approval", name)


def _approval() -> sa.TableClause:
    time = ttp.storage.tables.base.UtcTime(timezone=True)
    return sa.table(
        "approval",
        sa.column("id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("state", sa.String()),
        sa.column("decided_at", time),
        sa.column("done_at", time),
        sa.column("expires_at", time),
    )
