"""Review: cases with their questions, decisions, and undoing; a pair of identities is asked in one case only."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
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
    text,
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
    Column("assignee", String(63)),
    Column("due_at", UtcTime),
    Column("returns_at", UtcTime),
    Column("reopened_at", UtcTime),
    Column("doubt", String(32), nullable=False, server_default=""),
    Column("members", Integer, nullable=False, server_default="0"),
    Index("ix_review_case_list", "state", "population", "score", "id"),
    Index("ix_review_case_queue", "state", "score", "id"),
    Index("ix_review_case_waiting", "state", "created_at"),
    Index("ix_review_case_assignee", "assignee", "state", "score", "id"),
    Index(
        "ix_review_case_reopened",
        "state",
        "score",
        "id",
        postgresql_where=text("reopened_at IS NOT NULL"),
        sqlite_where=text("reopened_at IS NOT NULL"),
    ),
    Index(
        "ix_review_case_returns",
        "returns_at",
        postgresql_where=text("returns_at IS NOT NULL"),
        sqlite_where=text("returns_at IS NOT NULL"),
    ),
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
    Column("asked_at", UtcTime),
    # New data took the question back; other new data may ask it again.
    Column("withdrawn_at", UtcTime),
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
    Column("batch", Uuid),
    Column("confirmed_by", String(80)),
    Column("state_before", String(16)),
    Index("ix_decision_batch", "batch"),
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

# What a decision ended: it stays when the decision is undone and they stand again.
decision_edge = Table(
    "decision_edge",
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("edge_id", ForeignKey("edge.id"), primary_key=True),
)

case_source = Table(
    "case_source",
    metadata,
    Column("source", String(63), primary_key=True),
    Column("case_id", ForeignKey("review_case.id"), primary_key=True),
    Index("ix_case_source_case_id", "case_id"),
)

case_lease = Table(
    "case_lease",
    metadata,
    Column("case_id", ForeignKey("review_case.id"), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("taken_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("owner", String(63), primary_key=True),
    Column("name", String(63), primary_key=True),
    Column("query", Text, nullable=False),
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", String(63), nullable=False),
    Column("day", Date, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("first", Uuid, nullable=False),
    Column("second", Uuid, nullable=False),
    Column("field", String(32), nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Index("ix_disclosure_owner_day", "owner", "day"),
)
