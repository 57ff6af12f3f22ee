"""Four-eyes requests. ``sealed`` is an envelope: reasons and pseudonyms are not to be read in a stolen database."""

from sqlalchemy import JSON, Column, String, Table, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

approval = Table(
    "approval",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", JSON, nullable=False),
    Column("requested_by", String(63), nullable=False, index=True),
    Column("requested_as", String(16), nullable=False, server_default="staff"),
    Column("requested_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("decided_by", String(63)),
    Column("decided_at", UtcTime),
    Column("comment", String(32)),
    Column("expires_at", UtcTime),
    Column("done_at", UtcTime),
    Column("overdue_at", UtcTime),
    Column("sealed", Bytes),
)
