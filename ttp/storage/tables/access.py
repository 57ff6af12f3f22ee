"""Clients, their domains, keys and grants; staff, their sessions and second factors."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Uuid,
    true,
)

from ttp.storage.tables.base import Bytes, NameSet, UtcTime, metadata

client = Table(
    "client",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("projects", NameSet),  # null: not limited
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("label", String(63), nullable=False),
    Column("digest", Bytes(32), nullable=False, unique=True),
    Column("key_version", Integer, nullable=False, server_default="1"),  # of the digest's key
    Column("rights", NameSet),  # null: all the client has, as for domains
    Column("domains", NameSet),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(63), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("last_used", Date),
    Column("revoked_at", UtcTime),
)

client_domain = Table(
    "client_domain",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),
    Column("domain_id", ForeignKey("domain.id"), primary_key=True),
)

grant = Table(
    "standing_grant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("domain_id", ForeignKey("domain.id"), nullable=False),
    Column("purpose", String(500), nullable=False),
    Column("daily_budget", BigInteger, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("approved_by", String(200), nullable=False),
)

grant_use = Table(
    "standing_grant_use",
    metadata,
    Column("grant_id", ForeignKey("standing_grant.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", BigInteger, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("display_name", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("language", String(5), nullable=False),
    Column("disabled_at", UtcTime),
    Column("domains", NameSet),  # null: not limited
    Column("projects", NameSet),
    Column("theme", String(8), nullable=False, server_default="system"),
    Column("density", String(8), nullable=False, server_default="normal"),
    Column("letter_keys", Boolean, nullable=False, server_default=true()),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_digest", Bytes(32), nullable=False, unique=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("vouched", Boolean, nullable=False),
)

second_factor = Table(
    "second_factor",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("sealed", Bytes, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("last_step", BigInteger, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("digest", Bytes(32), primary_key=True),
    Column("used_at", UtcTime),
)
