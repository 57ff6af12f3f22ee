"""Transport: short-lived IDs and where they lead."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "transfer",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("sender", sa.String(length=63), nullable=False),
        sa.Column("receiver", sa.String(length=63), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_expires_at"), "transfer", ["expires_at"])
    op.create_table(
        "transport_id",
        sa.Column("transfer", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer"], ["transfer.digest"], name=op.f("fk_transport_id_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer", "number", name=op.f("pk_transport_id")),
    )
    op.create_index("ix_transport_id_digest", "transport_id", ["digest"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("transport_id")
    op.drop_table("transfer")
