"""Restores: which states of the database two persons accepted."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = ("log_standing", "restore", "lost_checkpoint", "announced_restore", "peer_log")


def upgrade() -> None:
    """Apply."""
    _own_log()
    op.create_table(
        "announced_restore",
        sa.Column("peer", sa.String(length=63), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.String(length=63), nullable=True),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_announced_restore")),
    )
    op.create_table(
        "peer_log",
        sa.Column("peer", sa.String(length=63), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("cosigned_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("witness", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_peer_log")),
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _own_log() -> None:
    op.create_table(
        "log_standing",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("anchored_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("doubt", sa.String(length=32), nullable=True),
        sa.Column("doubt_witness", sa.String(length=63), nullable=True),
        sa.Column("doubt_size", sa.BigInteger(), nullable=True),
        sa.Column("doubt_root", sa.LargeBinary(length=32), nullable=True),
        sa.Column("doubted_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_standing_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_standing")),
    )
    op.create_table(
        "restore",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("codes", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("lost_size", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.String(length=63), nullable=True),
        sa.Column("accepted_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restore")),
    )
    op.create_table(
        "lost_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("restore", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("size", "root", name=op.f("pk_lost_checkpoint")),
    )
