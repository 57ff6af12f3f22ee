"""Identities: deactivation, preference, and questions that new data withdraw."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; every identity is active, none is pinned, no question is withdrawn."""
    with op.batch_alter_table("identity") as batch:
        batch.add_column(
            sa.Column("state", sa.String(length=8), server_default="active", nullable=False)
        )
        batch.add_column(sa.Column("pinned_at", UtcTime(timezone=True), nullable=True))
    with op.batch_alter_table("review_pair") as batch:
        batch.add_column(sa.Column("withdrawn_at", UtcTime(timezone=True), nullable=True))
    op.create_table(
        "identity_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_identity_change_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_change")),
    )
    op.create_index(op.f("ix_identity_change_identity_id"), "identity_change", ["identity_id"])
    op.create_table(
        "source_rank",
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_source_rank_population")
        ),
        sa.PrimaryKeyConstraint("population", "source", name=op.f("pk_source_rank")),
    )


def downgrade() -> None:
    """Take back; an inactive identity is active to older programs, what was deleted stays deleted."""
    op.drop_table("source_rank")
    op.drop_index(op.f("ix_identity_change_identity_id"), table_name="identity_change")
    op.drop_table("identity_change")
    with op.batch_alter_table("review_pair") as batch:
        batch.drop_column("withdrawn_at")
    with op.batch_alter_table("identity") as batch:
        batch.drop_column("pinned_at")
        batch.drop_column("state")
