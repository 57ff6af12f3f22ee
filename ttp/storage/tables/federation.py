"""Peers and their pinned keys, nonces, linkage secrets, tasks, evidence, fetched pseudonyms, witnessed checkpoints.

A key stays in ``peer_key`` for good, so that a revoked one is never trusted again. ``used_tokens`` are blocks of
what was submitted under one version of a linkage secret; two submissions at once collide in their numbers.
``announced_at`` is when the linking center heard of a secret: at the holder in ``linkage_secret``, there in
``submission_canary``, whose rows without it were pinned by the first site that submitted, before announcing began.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
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

peer = Table(
    "peer",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("url", String(512), nullable=False),
    Column("key_id", String(43), nullable=False),
    Column("transport_key", Bytes(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("witness", Boolean, nullable=False),
    Column("statements", Integer, nullable=False, server_default="0"),
    Column("acknowledged", Integer, nullable=False, server_default="0"),
    Column("approval", Uuid, nullable=False, unique=True),
    Column("proposed_by", String(63), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("decided_by", String(63)),
    Column("trusted_at", UtcTime),
    Column("revoked_at", UtcTime),
)

peer_key = Table(
    "peer_key",
    metadata,
    Column("key_id", String(43), primary_key=True),
    Column("peer", String(63), nullable=False, index=True),
    Column("public", Bytes(32), nullable=False),
    Column("pinned_at", UtcTime),
    Column("valid_until", UtcTime),
    Column("revoked_at", UtcTime),
)

request_nonce = Table(
    "request_nonce",
    metadata,
    Column("key_id", String(43), primary_key=True),
    Column("nonce", String(86), primary_key=True),
    Column("until", UtcTime, nullable=False, index=True),
)

linkage_secret = Table(
    "linkage_secret",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("key_version", Integer, nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("schema_fingerprint", String(71), nullable=False),
    Column("drawn_by", String(63), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("leaf", Uuid, nullable=False),
    Column("announced_at", UtcTime),
)

submission_canary = Table(
    "submission_canary",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("commitment", String(64), nullable=False),
    Column("digests", Bytes, nullable=False),
    Column("site", String(63), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("announced_at", UtcTime),
)

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("domain_id", ForeignKey("domain.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("envelope", Bytes, nullable=False),
    UniqueConstraint("domain_id", "version", "number"),
)

task = Table(
    "task",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("project", String(63), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("alive_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("stage", String(63), nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("error", String(63)),
    Index("ix_task_waiting", "state", "id"),
    Index("ix_task_project", "project", "id"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("first", Uuid, primary_key=True),
    Column("second", Uuid, primary_key=True),
    Column("project", String(63), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("weight", Float, nullable=False),
    Column("task", ForeignKey("task.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
)

evidence_use = Table(
    "evidence_use",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("peer", String(63), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", BigInteger, nullable=False),
)

project_member = Table(
    "project_member",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("submission", String(160), primary_key=True),
    Column("pseudonym", String(160), nullable=False),
    Column("secondaries", JSON, nullable=False),
    Column("former", JSON, nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
)

witnessed_checkpoint = Table(
    "witnessed_checkpoint",
    metadata,
    Column("origin", String(512), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", Bytes(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

cosigned = Table(
    "cosigned",
    metadata,
    Column("witness", String(63), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
