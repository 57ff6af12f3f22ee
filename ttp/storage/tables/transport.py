"""Transfers and the transport IDs that they carry."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

transfer = Table(
    "transfer",
    metadata,
    Column("digest", Bytes(32), primary_key=True),
    Column("project", String(63), nullable=False),
    Column("sender", String(63), nullable=False),
    Column("receiver", String(63), nullable=False),
    Column("items", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("leaf", Uuid, nullable=False),
)

transport_id = Table(
    "transport_id",
    metadata,
    Column("transfer", ForeignKey("transfer.digest"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Bytes(32), nullable=False),
    Column("envelope", Bytes),  # null: exchanged
    Column("leaf", Uuid),  # of the exchange
    Index("ix_transport_id_digest", "digest"),
)
