"""The log: what the latest check of it found."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "log_check",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("flaw", sa.String(length=300), nullable=True),
        sa.Column("whole_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("swept_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_check")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("log_check")
