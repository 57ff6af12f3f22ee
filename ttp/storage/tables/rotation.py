"""Rotations of keys, copies of the keyring that operators made, and destructions of keys with their receipts."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    text,
)

from ttp.storage.tables.base import Bytes, UtcTime, metadata

key_rotation = Table(
    "key_rotation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("scope", String(91), nullable=False),
    Column("old_version", Integer),
    Column("new_version", Integer),
    Column("step", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("part", Integer, nullable=False),
    Column("cursor", String(200)),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("error", String(63)),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index(
        "ix_key_rotation_open",
        "purpose",
        "scope",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
        sqlite_where=text("ended_at IS NULL"),
    ),
)

keyring_backup = Table(
    "keyring_backup",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("digest", Bytes(32), nullable=False),
    Column("made_by", String(63), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Column("disposed_by", String(63)),
    Column("disposed_at", UtcTime),
    Column("disposed_leaf", Uuid),
)

key_destruction = Table(
    "key_destruction",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("scope", String(91), nullable=False),
    Column("purpose", String(16)),
    Column("version", Integer),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("decided_by", String(63)),
    Column("decided_at", UtcTime),
    Column("fingerprint", String(32)),
    Column("generation", BigInteger),
    Column("destroyed_at", UtcTime),
    Column("leaf", Uuid),
)
