"""Pseudonyms: the link original ↔ pseudonym is a blind index and an envelope, never clear text.

Uniqueness is a constraint, not a check: ``(domain, index)`` and ``(domain, pseudonym)``, tombstones included.
``index_a`` and ``index_b`` take turns in holding the index under the current key; the domain says whose turn it is.
``leaf`` names the audit leaf of the operation that last changed the row.
"""

from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from ttp.storage.tables.base import Bytes, UtcTime, metadata

_HAS_END = text("valid_until IS NOT NULL")
_ENDING: dict[str, Any] = {"sqlite_where": _HAS_END, "postgresql_where": _HAS_END}
"""Only the few pseudonyms with an end are in this index, so that the others pay nothing for it."""

pseudonym = Table(
    "pseudonym",
    metadata,
    Column("domain_id", ForeignKey("domain.id"), primary_key=True),
    Column("pseudonym", String(255), primary_key=True),
    Column("index_a", Bytes(16)),
    Column("index_b", Bytes(16)),
    Column("envelope", Bytes),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("successor", String(255)),
    Column("created_at", UtcTime, nullable=False),
    Column("valid_until", UtcTime),
    Column("leaf", Uuid, nullable=False),
    UniqueConstraint("domain_id", "index_a", name="uq_pseudonym_domain_id_index_current"),
    UniqueConstraint("domain_id", "index_b", name="uq_pseudonym_domain_id_index_next"),
    Index("ix_pseudonym_end", "domain_id", "valid_until", **_ENDING),
)

original = Table(
    "original",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("domain_id", ForeignKey("domain.id"), nullable=False),
    Column("index_a", Bytes(16)),
    Column("index_b", Bytes(16)),
    Column("envelope", Bytes),
    Column("created_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    UniqueConstraint("domain_id", "index_a", name="uq_original_domain_id_index_current"),
    UniqueConstraint("domain_id", "index_b", name="uq_original_domain_id_index_next"),
)

secondary_pseudonym = Table(
    "secondary_pseudonym",
    metadata,
    Column("domain_id", ForeignKey("domain.id"), primary_key=True),
    Column("pseudonym", String(255), primary_key=True),
    Column("original_id", ForeignKey("original.id"), nullable=False),
    Column("ordinal", Uuid, nullable=False),  # time-ordered: the order of creation
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    Column("valid_until", UtcTime),
    Column("leaf", Uuid, nullable=False),
    Index("ix_secondary_pseudonym_original", "original_id", "ordinal"),
    Index("ix_secondary_pseudonym_end", "domain_id", "valid_until", **_ENDING),
)
