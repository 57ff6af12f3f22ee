"""The life of identities: what was done to them besides new versions, and which sources come first."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Uuid

from ttp.storage.tables.base import UtcTime, metadata

identity_change = Table(
    "identity_change",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("identity_id", ForeignKey("identity.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(16)),
    Column("made_by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

source_rank = Table(
    "source_rank",
    metadata,
    Column("population", ForeignKey("population.name"), primary_key=True),
    Column("source", String(63), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("leaf", Uuid, nullable=False),
)
