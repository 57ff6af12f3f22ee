"""Answers kept for repeated requests."""

from sqlalchemy import Column, String, Table

from ttp.storage.tables.base import Bytes, UtcTime, metadata

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", String(63), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", Bytes(32), nullable=False),
    Column("sealed", Bytes),
    Column("created_at", UtcTime, nullable=False, index=True),
)
