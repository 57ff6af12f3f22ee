"""Clients, their domains and grants; staff and their sessions."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

client = Table(
    "client",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("key_digest", Bytes(32), nullable=False, unique=True),
    Column("key_version", Integer, nullable=False, server_default="1"),  # of the digest's key
    Column("created_at", UtcTime, nullable=False),
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
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("token_digest", Bytes(32), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
