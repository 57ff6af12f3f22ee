"""Quality of review: planted pairs, second opinions and how long decisions took; how each account sees the pages."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = ("decision_time", "quality_mark", "quality_frame", "quality_vote", "quality_check")
_SEEN = ("theme", "density", "letter_keys")


def upgrade() -> None:
    """Apply."""
    _checks()
    _frames()
    with op.batch_alter_table("staff") as batch:
        for name, usual in (("theme", "system"), ("density", "normal")):
            batch.add_column(
                sa.Column(name, sa.String(length=8), server_default=usual, nullable=False)
            )
        batch.add_column(
            sa.Column("letter_keys", sa.Boolean(), server_default=sa.true(), nullable=False)
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("staff") as batch:
        for name in _SEEN:
            batch.drop_column(name)
    for table in _TABLES:
        op.drop_table(table)


def _checks() -> None:
    op.create_table(
        "quality_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("population", sa.String(length=91), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=True),
        sa.Column("second", sa.Uuid(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.String(length=16), nullable=False),
        sa.Column("first_by", sa.String(length=80), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("settled_at", UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_check")),
    )
    op.create_index("ix_quality_check_state", "quality_check", ["state", "id"])
    op.create_index("ix_quality_check_pair", "quality_check", ["first", "second"])
    op.create_table(
        "quality_vote",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("voted_by", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("voted_at", UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["quality_check.id"], name=op.f("fk_quality_vote_check_id")
        ),
        sa.PrimaryKeyConstraint("check_id", "voted_by", name=op.f("pk_quality_vote")),
    )


def _frames() -> None:
    op.create_table(
        "quality_frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("population", sa.String(length=91), nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("searched", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_frame")),
    )
    op.create_table(
        "quality_mark",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quality_mark")),
    )
    op.create_table(
        "decision_time",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_time")),
    )
    op.create_index("ix_decision_time_decided_by", "decision_time", ["decided_by", "decision_id"])
