"""Accounts that an identity provider vouches for, and the sessions that came of it."""

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

account_link = Table(
    "account_link",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("linked_at", UtcTime, nullable=False),
)

provider_session = Table(
    "provider_session",
    metadata,
    Column("token_digest", Bytes(32), primary_key=True),
    Column("issuer", String(500), nullable=False),
    Column("staff_id", Uuid, nullable=False),
    Column("sid_digest", Bytes(32), index=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
)
"""No foreign key: a session may be ended by many, and what is left here is forgotten when it would have expired."""
