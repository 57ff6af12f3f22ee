"""Survivors of merges that are awaited, merges of two awaited records, and an order of scored links to draw from."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STANDING = sa.text("ended_at IS NULL AND score IS NOT NULL")


def upgrade() -> None:
    """Apply; what is awaited already are records that were merged away."""
    with op.batch_alter_table("awaited_relation") as batch:
        batch.add_column(
            sa.Column("survivor", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_index("ix_awaited_relation_known", "awaited_relation", ["known"])
    op.create_table(
        "awaited_pair",
        sa.Column("first", sa.LargeBinary(length=16), nullable=False),
        sa.Column("second", sa.LargeBinary(length=16), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("by_reference", sa.Boolean(), nullable=False),
        sa.Column("said_at", UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_awaited_pair")),
    )
    op.create_index("ix_awaited_pair_second", "awaited_pair", ["second"])
    op.create_index(
        "ix_edge_scored",
        "edge",
        ["population", "score", "id"],
        postgresql_where=_STANDING,
        sqlite_where=_STANDING,
    )


def downgrade() -> None:
    """Take back; older programs do not await survivors."""
    op.drop_index("ix_edge_scored", "edge")
    op.drop_table("awaited_pair")
    op.execute(sa.text("DELETE FROM awaited_relation WHERE survivor"))
    op.drop_index("ix_awaited_relation_known", "awaited_relation")
    with op.batch_alter_table("awaited_relation") as batch:
        batch.drop_column("survivor")
