"""Releases; the archive is a signed tar whose payload is encrypted to the researcher."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

release = Table(
    "release",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("researcher", String(63)),
    Column("state", String(16), nullable=False),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("archive", Bytes),
    Column("leaf", Uuid),
    UniqueConstraint("project", "version"),
)
