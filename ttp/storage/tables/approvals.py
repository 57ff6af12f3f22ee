"""Four-eyes requests."""

from sqlalchemy import JSON, Column, String, Table, Uuid

from ttp.storage.tables.base import UtcTime, metadata

approval = Table(
    "approval",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", JSON, nullable=False),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("decided_by", String(63)),
    Column("decided_at", UtcTime),
)
