"""The audit log: leaves, the nodes of the Merkle tree over them, checkpoints; leases; refusals to be summed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from ttp.storage.tables.base import Bytes, UtcTime, metadata

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("body", Bytes, nullable=False),
    Column("subjects", Bytes, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("position", BigInteger, unique=True),
    Index(
        "ix_audit_leaf_unsequenced",
        "id",
        postgresql_where=text("position IS NULL"),
        sqlite_where=text("position IS NULL"),
    ),
)

audit_node = Table(
    "audit_node",
    metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("hash", Bytes(32), nullable=False),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Bytes(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("holder", String(63), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

refusal = Table(
    "refusal",
    metadata,
    Column("minute", UtcTime, primary_key=True),
    Column("actor", String(63), primary_key=True),
    Column("code", String(63), primary_key=True),
    Column("count", Integer, nullable=False),
)
