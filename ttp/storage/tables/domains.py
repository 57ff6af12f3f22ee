"""Domains and their aliases."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, SmallInteger, String, Table, false

from ttp.storage.tables.base import UtcTime, metadata

domain = Table(
    "domain",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(63), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("multi", Boolean, nullable=False),
    Column("alphabet", String(64), nullable=False),
    Column("length", SmallInteger, nullable=False),
    Column("prefix", String(32), nullable=False),
    Column("check_character", Boolean, nullable=False),
    Column("deletable", Boolean, nullable=False),
    Column("project", String(63)),
    Column("index_version", Integer, nullable=False),
    Column("next_index_version", Integer),
    Column("index_turned", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcTime, nullable=False),
)

domain_alias = Table(
    "domain_alias",
    metadata,
    Column("alias", String(512), primary_key=True),
    Column("domain_id", ForeignKey("domain.id"), nullable=False),
)
