"""Models of matching: versions learned from the center's own stock."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; the shipped model stays in use."""
    op.create_table(
        "matching_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("activated_at", UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_model")),
        sa.UniqueConstraint("name", name=op.f("uq_matching_model_name")),
        sa.UniqueConstraint("number", name=op.f("uq_matching_model_number")),
    )


def downgrade() -> None:
    """Take back; older programs use the shipped model, requests for another one end undecided."""
    op.execute("DELETE FROM approval WHERE kind = 'matching-model'")
    op.execute("DELETE FROM task WHERE kind = 'matching-model'")
    op.drop_table("matching_model")
