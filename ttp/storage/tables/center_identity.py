"""The center's identity: which keyring this database belongs to, and how far that keyring had come. One row."""

from sqlalchemy import BigInteger, CheckConstraint, Column, SmallInteger, String, Table

from ttp.storage.tables.base import metadata

center_identity = Table(
    "center_identity",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("keyring", String(32), nullable=False),
    Column("generation", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
