"""Domains, their aliases and their parents."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    Table,
    false,
    true,
)

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
    Column("suffix", String(32), nullable=False, server_default=""),
    Column("delimiter", String(1), nullable=False, server_default=""),
    Column("delimiter_every", SmallInteger, nullable=False, server_default="0"),
    Column("last_character_after", SmallInteger, nullable=False, server_default="0"),
    Column("check_digits", String(32), nullable=False, server_default="none"),
    Column("detected_errors", SmallInteger, nullable=False, server_default="2"),
    Column("check_prefix", Boolean, nullable=False, server_default=false()),
    Column("check_suffix", Boolean, nullable=False, server_default=false()),
    Column("deletable", Boolean, nullable=False),
    Column("anonymizable", Boolean, nullable=False, server_default=true()),
    Column("validity", String(32)),
    Column("expires", Boolean, nullable=False, server_default=false()),
    Column("parent_rule", String(16), nullable=False, server_default="off"),
    Column("generation", String(32), nullable=False, server_default="random"),
    Column("token_version", Integer),
    Column("state", String(8), nullable=False, server_default="active"),
    Column("label", String(255), nullable=False, server_default=""),
    Column("comment", String(2000), nullable=False, server_default=""),
    Column("owner", String(255), nullable=False, server_default=""),
    Column("half_full", Boolean, nullable=False, server_default=false()),
    Column("accepts_foreign", Boolean, nullable=False, server_default=false()),
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

domain_parent = Table(
    "domain_parent",
    metadata,
    Column("domain_id", ForeignKey("domain.id"), primary_key=True),
    Column("parent_id", ForeignKey("domain.id"), primary_key=True, index=True),
)
