"""Statements about keys, of this center and of its peers. Added, never changed: they prove who signs now."""

from sqlalchemy import Column, Integer, String, Table, Text, Uuid

from ttp.storage.tables.base import UtcTime, metadata

key_statement = Table(
    "key_statement",
    metadata,
    Column("center", String(63), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("old_key", String(43), primary_key=True),
    Column("document", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)
