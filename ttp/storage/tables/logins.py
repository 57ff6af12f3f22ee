"""Failed logins, counted per account and per address for fifteen minutes."""

from sqlalchemy import Column, Integer, String, Table

from ttp.storage.tables.base import UtcTime, metadata

login_failure = Table(
    "login_failure",
    metadata,
    Column("subject", String(128), primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
)
