"""Events, who was given which pseudonyms, and webhooks with how far each has got."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from ttp.storage.tables.base import Bytes, NameSet, UtcTime, metadata

event = Table(
    "event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("leaf", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("domain", String(91), nullable=False),
    Column("project", String(63)),
    Column("items", JSON, nullable=False),
    Column("recipients", NameSet),  # null: who may use the domain
    Column("position", BigInteger),
    UniqueConstraint("leaf", "number"),
    Index("ix_event_position_number", "position", "number"),
    Index(
        "ix_event_unplaced",
        "leaf",
        postgresql_where=text("position IS NULL"),
        sqlite_where=text("position IS NULL"),
    ),
)

pseudonym_told = Table(
    "pseudonym_told",
    metadata,
    Column("domain", String(91), primary_key=True),
    Column("pseudonym", String(255), primary_key=True),
    Column("recipient", String(80), primary_key=True),
    Column("identity_id", Uuid, primary_key=True),
    Index("ix_pseudonym_told_domain_identity_id", "domain", "identity_id"),
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client", String(63), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("kinds", NameSet),  # null: all, as for domains
    Column("domains", NameSet),
    Column("secret", Bytes, nullable=False),
    Column("created_by", String(63), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False, index=True),
    Column("delivered", BigInteger, nullable=False),
    Column("delivered_at", UtcTime),
    Column("outcome", String(63)),
    Column("leaf", Uuid, nullable=False),
)
