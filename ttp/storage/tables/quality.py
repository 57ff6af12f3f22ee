"""The quality desk: checks and answers, how long decisions took, what samples were drawn from.

Checks name identities without a foreign key: erasing a patient's record must not depend on them.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from ttp.storage.tables.base import UtcTime, metadata

quality_check = Table(
    "quality_check",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("population", String(91), nullable=False),
    Column("first", Uuid),
    Column("second", Uuid),
    Column("seed", BigInteger),
    Column("expected", String(16), nullable=False),
    Column("first_by", String(80), nullable=False),
    Column("decision_id", Uuid),
    Column("score", Float),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("leaf", Uuid, nullable=False),
    Index("ix_quality_check_state", "state", "id"),
    Index("ix_quality_check_pair", "first", "second"),
)

quality_vote = Table(
    "quality_vote",
    metadata,
    Column("check_id", ForeignKey("quality_check.id"), primary_key=True),
    Column("voted_by", String(80), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("seconds", Float),
    Column("voted_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

quality_frame = Table(
    "quality_frame",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("population", String(91), nullable=False),
    Column("strata", Text, nullable=False),
    Column("searched", BigInteger, nullable=False),
    Column("drawn_at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
)

quality_mark = Table(
    "quality_mark",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("decision_id", Uuid, nullable=False),
)

decision_time = Table(
    "decision_time",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("decided_by", String(80), nullable=False),
    Column("seconds", Float, nullable=False),
    Index("ix_decision_time_decided_by", "decided_by", "decision_id"),
)
