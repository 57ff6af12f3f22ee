"""What hospital systems said of their records: when data were said, which records are one, and what is awaited."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Uuid, false

from ttp.storage.tables.base import Bytes, UtcTime, metadata

message_time = Table(
    "message_time",
    metadata,
    Column("identity_id", ForeignKey("identity.id"), primary_key=True),
    Column("said_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

said_relation = Table(
    "said_relation",
    metadata,
    Column("source", String(63), primary_key=True),
    Column("first", ForeignKey("identity.id"), primary_key=True),
    Column("second", ForeignKey("identity.id"), primary_key=True),
    Column("relation", String(16), nullable=False),
    Column("replaced", Uuid),
    Column("by_reference", Boolean, nullable=False),
    Column("said_at", UtcTime),
    Column("leaf", Uuid, nullable=False),
    Index("ix_said_relation_first", "first"),
    Index("ix_said_relation_second", "second"),
)

awaited_relation = Table(
    "awaited_relation",
    metadata,
    Column("digest", Bytes(16), primary_key=True),  # keyed: of the source and the record's ID
    Column("known", ForeignKey("identity.id"), primary_key=True),
    Column("relation", String(16), nullable=False),
    Column("by_reference", Boolean, nullable=False),
    Column("said_at", UtcTime),
    Column("leaf", Uuid, nullable=False),
    Column("survivor", Boolean, nullable=False, server_default=false()),
    Index("ix_awaited_relation_known", "known"),
)

awaited_pair = Table(
    "awaited_pair",
    metadata,
    Column("first", Bytes(16), primary_key=True),  # digests as above, when neither record is here
    Column("second", Bytes(16), primary_key=True),
    Column("relation", String(16), nullable=False),
    Column("by_reference", Boolean, nullable=False),
    Column("said_at", UtcTime),
    Column("leaf", Uuid, nullable=False),
    Index("ix_awaited_pair_second", "second"),
)
