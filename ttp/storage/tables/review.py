"""Review: cases with their questions, decisions, and undoing; a pair of identities is asked in one case only."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from ttp.storage.tables.base import Bytes, UtcTime, metadata

review_case = Table(
    "review_case",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("population", ForeignKey("population.name"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("successor", Uuid),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Index("ix_review_case_list", "state", "population", "score", "id"),
)

review_pair = Table(
    "review_pair",
    metadata,
    Column("case_id", ForeignKey("review_case.id"), primary_key=True),
    Column("first", ForeignKey("identity.id"), primary_key=True),
    Column("second", ForeignKey("identity.id"), primary_key=True),
    Column("score", Float, nullable=False),
    Column("contributions", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("conflict", Boolean, nullable=False),
    Column("decision_id", Uuid),
    UniqueConstraint("first", "second"),
    Index("ix_review_pair_second", "second"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey("review_case.id"), nullable=False, index=True),
    Column("population", ForeignKey("population.name"), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Bytes, nullable=False),
    Column("decided_by", String(80), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

decision_pair = Table(
    "decision_pair",
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("first", ForeignKey("identity.id"), primary_key=True),
    Column("second", ForeignKey("identity.id"), primary_key=True),
    Index("ix_decision_pair_first", "first"),
    Index("ix_decision_pair_second", "second"),
)

decision_undo = Table(
    "decision_undo",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False, unique=True),
    Column("reason", Bytes, nullable=False),
    Column("undone_by", String(80), nullable=False),
    Column("undone_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)
