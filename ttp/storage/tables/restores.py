"""Whether the log stands beyond doubt, restores that two persons accepted, and what peers say of their logs."""

from sqlalchemy import BigInteger, CheckConstraint, Column, SmallInteger, String, Table, Text, Uuid

from ttp.storage.tables.base import Bytes, UtcTime, metadata

log_standing = Table(
    "log_standing",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("anchored_at", UtcTime),
    Column("doubt", String(32)),
    Column("doubt_witness", String(63)),
    Column("doubt_size", BigInteger),
    Column("doubt_root", Bytes(32)),
    Column("doubted_at", UtcTime),
    CheckConstraint("id = 1", name="one_row"),
)

restore = Table(
    "restore",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("codes", String(120), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("lost_size", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("requested_by", String(63), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("accepted_by", String(63)),
    Column("accepted_at", UtcTime),
    Column("leaf", Uuid),
)

lost_checkpoint = Table(
    "lost_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Bytes(32), primary_key=True),
    Column("restore", Uuid, nullable=False),
)

announced_restore = Table(
    "announced_restore",
    metadata,
    Column("peer", String(63), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", Bytes(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("requested_by", String(63)),
    Column("requested_at", UtcTime),
)

peer_log = Table(
    "peer_log",
    metadata,
    Column("peer", String(63), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("cosigned_at", UtcTime, nullable=False),
    Column("witness", String(63), nullable=False),
)
