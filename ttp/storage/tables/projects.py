"""Projects."""

from sqlalchemy import JSON, Column, String, Table, Uuid

from ttp.storage.tables.base import UtcTime, metadata

project = Table(
    "project",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("purpose", String(500), nullable=False),
    Column("sites", JSON, nullable=False),
    Column("linking_center", String(63), nullable=False),
    Column("secret_holder", String(63), nullable=False),
    Column("schema", String(63), nullable=False),
    Column("schema_fingerprint", String(80), nullable=False),
    Column("policies", JSON, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("proposed_by", String(63), nullable=False),
    Column("approved_by", String(63)),
    Column("created_at", UtcTime, nullable=False),
)
