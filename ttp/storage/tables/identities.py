"""Identities: one source's records in versions, their identifiers, and the edges between them.

Identifying data and encodings are envelopes; what finds them is a blind index. ``identity.person`` is a view of
the standing edges. ``ordinal`` is the age within the population and never changes; ``sequence`` grows with every
change of any identity of the population, so that a process can catch up with what others committed. The slots ``_a``
and ``_b`` take turns in holding the index under the current key; the population says whose turn it is.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from ttp.storage.tables.base import Bytes, UtcTime, metadata

population = Table(
    "population",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("index_version", Integer, nullable=False),
    Column("next_index_version", Integer),
    Column("index_turned", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcTime, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("population", ForeignKey("population.name"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("source", String(63), nullable=False),
    Column("person", Uuid, nullable=False, index=True),
    Column("ordinal", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("record_a", Bytes(16)),
    Column("record_b", Bytes(16)),
    Column("state", String(8), nullable=False, server_default="active"),
    Column("pinned_at", UtcTime),  # the newest pin of a person says which identity is preferred
    Column("created_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    UniqueConstraint("population", "record_a", name="uq_identity_population_record_current"),
    UniqueConstraint("population", "record_b", name="uq_identity_population_record_next"),
    UniqueConstraint("population", "ordinal"),
    UniqueConstraint("population", "sequence"),
)

identity_version = Table(
    "identity_version",
    metadata,
    Column("identity_id", ForeignKey("identity.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", Bytes(16), nullable=False),  # keyed: tells whether the same came again
    Column("envelope", Bytes),
    Column("created_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

identifier = Table(
    "identifier",
    metadata,
    Column("identity_id", ForeignKey("identity.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("population", ForeignKey("population.name"), nullable=False),
    Column("index_a", Bytes(16)),
    Column("index_b", Bytes(16)),
    Index("ix_identifier_current", "population", "index_a"),
    Index("ix_identifier_next", "population", "index_b"),
)

edge = Table(
    "edge",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("population", ForeignKey("population.name"), nullable=False),
    Column("first", ForeignKey("identity.id"), nullable=False),
    Column("second", ForeignKey("identity.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("score", Float),
    Column("contributions", Text, nullable=False),
    Column("decision_id", Uuid, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", Uuid),
    Column("ended_leaf", Uuid),
    Index("ix_edge_first", "first"),
    Index("ix_edge_second", "second"),
    Index(
        "ix_edge_scored",
        "population",
        "score",
        "id",
        postgresql_where=text("ended_at IS NULL AND score IS NOT NULL"),
        sqlite_where=text("ended_at IS NULL AND score IS NOT NULL"),
    ),
    Index(
        "ix_edge_standing",
        "first",
        "second",
        "kind",
        "made_by",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
        sqlite_where=text("ended_at IS NULL"),
    ),
)
