"""Consent statements; each belongs to the identity that brought it."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid

from ttp.storage.tables.base import UtcTime, metadata
from ttp.storage.tables.identities import identity

consent = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("identity_id", ForeignKey(identity.c.id), nullable=False),
    Column("policy", String(128), nullable=False),
    Column("provision", String(8), nullable=False),
    Column("valid_from", UtcTime, nullable=False),
    Column("valid_to", UtcTime),
    Column("stated_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Index("ix_consent_identity", "identity_id", "stated_at"),
)
