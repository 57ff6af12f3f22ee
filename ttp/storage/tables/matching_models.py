"""Versions of the matching model."""

from sqlalchemy import JSON, Column, Integer, String, Table, Uuid

from ttp.storage.tables.base import UtcTime, metadata

matching_model = Table(
    "matching_model",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("state", String(8), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("records", Integer, nullable=False),
    Column("pairs", Integer, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("activated_at", UtcTime),
    Column("leaf", Uuid, nullable=False),
)
