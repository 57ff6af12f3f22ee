"""The latest check of the log: one row."""

from sqlalchemy import BigInteger, Column, SmallInteger, String, Table

from ttp.storage.tables.base import UtcTime, metadata

log_check = Table(
    "log_check",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("flaw", String(300)),
    Column("whole_at", UtcTime),
    Column("swept_at", UtcTime),
)
