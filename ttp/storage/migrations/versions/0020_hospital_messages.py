"""Messages of hospital systems and IDs that came from other systems."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "message_time",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_message_time")),
        _identity("message_time", "identity_id"),
    )
    _relations()
    op.create_table(
        "awaited_relation",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("known", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("by_reference", sa.Boolean(), nullable=False),
        sa.Column("said_at", UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "known", name=op.f("pk_awaited_relation")),
        _identity("awaited_relation", "known"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("awaited_relation")
    op.drop_table("said_relation")
    op.drop_table("message_time")


def _relations() -> None:
    op.create_table(
        "said_relation",
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("replaced", sa.Uuid(), nullable=True),
        sa.Column("by_reference", sa.Boolean(), nullable=False),
        sa.Column("said_at", UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("source", "first", "second", name=op.f("pk_said_relation")),
        _identity("said_relation", "first"),
        _identity("said_relation", "second"),
    )
    op.create_index("ix_said_relation_first", "said_relation", ["first"])
    op.create_index("ix_said_relation_second", "said_relation", ["second"])


def _identity(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["identity.id"], name=op.f(f"fk_{table}_{column}_identity")
    )
