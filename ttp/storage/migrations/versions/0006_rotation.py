"""Rotation: index slots that take turns, rotations, copies of the keyring, destructions."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SLOTS = (
    ("pseudonym", "index_current", "index_a"),
    ("pseudonym", "index_next", "index_b"),
    ("original", "index_current", "index_a"),
    ("original", "index_next", "index_b"),
    ("identity", "record_current", "record_a"),
    ("identity", "record_next", "record_b"),
    ("identifier", "index_current", "index_a"),
    ("identifier", "index_next", "index_b"),
)
_TURNED = ("domain", "population")
_PLACES = (
    ("pseudonym", "index", "domain"),
    ("original", "index", "domain"),
    ("identity", "record", "population"),
    ("identifier", "index", "population"),
)


def upgrade() -> None:
    """Apply; renaming a column copies no row on either database, and constraints keep their names."""
    for table, old, new in _SLOTS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    for table in _TURNED:
        op.add_column(
            table,
            sa.Column("index_turned", sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    op.add_column(
        "client", sa.Column("key_version", sa.Integer(), server_default="1", nullable=False)
    )
    op.create_table(
        "key_rotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=91), nullable=False),
        sa.Column("old_version", sa.Integer(), nullable=True),
        sa.Column("new_version", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(length=200), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=63), nullable=True),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("changed_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_rotation")),
    )
    op.create_index(
        "ix_key_rotation_open",
        "key_rotation",
        ["purpose", "scope"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "keyring_backup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=63), nullable=False),
        sa.Column("made_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.Column("disposed_by", sa.String(length=63), nullable=True),
        sa.Column("disposed_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("disposed_leaf", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyring_backup")),
    )
    op.create_table(
        "key_destruction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=91), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=63), nullable=True),
        sa.Column("decided_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("destroyed_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_destruction")),
    )


def downgrade() -> None:
    """Take back; where the second slot is current, the slots change places."""
    for table, column, holder in _PLACES:
        scope = "name" if holder == "population" else "id"
        op.execute(
            f"UPDATE {table} SET {column}_a = {column}_b, {column}_b = {column}_a"  # noqa: S608 - names of ours
            f" WHERE {holder if scope == 'name' else 'domain_id'} IN"
            f" (SELECT {scope} FROM {holder} WHERE index_turned)"
        )
    op.drop_table("key_destruction")
    op.drop_table("keyring_backup")
    op.drop_index("ix_key_rotation_open", table_name="key_rotation")
    op.drop_table("key_rotation")
    op.drop_column("client", "key_version")
    for table in _TURNED:
        op.drop_column(table, "index_turned")
    for table, old, new in _SLOTS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
