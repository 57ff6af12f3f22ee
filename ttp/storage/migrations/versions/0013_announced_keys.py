"""Announced keys: statements by which keys follow each other."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; no peer has been told of any statement yet, and pinned keys have no end."""
    op.create_table(
        "key_statement",
        sa.Column("center", sa.String(length=63), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("old_key", sa.String(length=43), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("center", "sequence", "old_key", name=op.f("pk_key_statement")),
    )
    with op.batch_alter_table("peer") as batch:
        batch.add_column(sa.Column("statements", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(
            sa.Column("acknowledged", sa.Integer(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("peer_key") as batch:
        batch.add_column(sa.Column("valid_until", UtcTime(), nullable=True))


def downgrade() -> None:
    """Take back; keys that gave way are believed without end again."""
    with op.batch_alter_table("peer_key") as batch:
        batch.drop_column("valid_until")
    with op.batch_alter_table("peer") as batch:
        batch.drop_column("acknowledged")
        batch.drop_column("statements")
    op.drop_table("key_statement")
