"""Credentials: API keys that expire and are exchanged, second factors, scopes of roles.

Keys that clients have stay valid: each becomes the client's key ``first`` and ends a year after this migration.
Sessions end: people log in again.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CLIENT = sa.table(
    "client",
    sa.column("id", sa.Uuid()),
    sa.column("key_digest", sa.LargeBinary()),
    sa.column("key_version", sa.Integer()),
    sa.column("created_at", UtcTime(timezone=True)),
    sa.column("revoked_at", UtcTime(timezone=True)),
)
_KEY = sa.table(
    "api_key",
    sa.column("id", sa.Uuid()),
    sa.column("client_id", sa.Uuid()),
    sa.column("label", sa.String()),
    sa.column("digest", sa.LargeBinary()),
    sa.column("key_version", sa.Integer()),
    sa.column("created_at", UtcTime(timezone=True)),
    sa.column("created_by", sa.String()),
    sa.column("expires_at", UtcTime(timezone=True)),
    sa.column("revoked_at", UtcTime(timezone=True)),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=63), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rights", sa.Text(), nullable=True),
        sa.Column("domains", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.Column("revoked_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_api_key_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_index(op.f("ix_api_key_client_id"), "api_key", ["client_id"])
    _carry_keys_over()
    with op.batch_alter_table("client") as client:
        client.drop_constraint(op.f("uq_client_key_digest"), type_="unique")
        client.drop_column("key_digest")
        client.drop_column("key_version")
        client.add_column(sa.Column("projects", sa.Text(), nullable=True))
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("domains", sa.Text(), nullable=True))
        staff.add_column(sa.Column("projects", sa.Text(), nullable=True))
    op.drop_table("staff_session")
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_session_token_digest")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factor_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "digest", name=op.f("pk_recovery_code")),
    )


def downgrade() -> None:
    """Take back; of several keys a client keeps the newest that stands, without its scope and end."""
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    op.drop_index(op.f("ix_staff_session_staff_id"), table_name="staff_session")
    op.drop_table("staff_session")
    op.create_table(
        "staff_session",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_staff_session")),
    )
    with op.batch_alter_table("staff") as staff:
        staff.drop_column("projects")
        staff.drop_column("domains")
    with op.batch_alter_table("client") as client:
        client.drop_column("projects")
        client.add_column(sa.Column("key_digest", sa.LargeBinary(length=32), nullable=True))
        client.add_column(
            sa.Column("key_version", sa.Integer(), server_default="1", nullable=False)
        )
    _give_keys_back()
    with op.batch_alter_table("client") as client:
        client.alter_column("key_digest", existing_type=sa.LargeBinary(length=32), nullable=False)
        client.create_unique_constraint(op.f("uq_client_key_digest"), ["key_digest"])
    op.drop_index(op.f("ix_api_key_client_id"), table_name="api_key")
    op.drop_table("api_key")


def _carry_keys_over() -> None:
    ends = datetime.now(UTC) + timedelta(days=365)
    rows = [
        {
            "id": row.id,
            "client_id": row.id,
            "label": "first",
            "digest": row.key_digest,
            "key_version": row.key_version,
            "created_at": row.created_at,
            "created_by": "operator",
            "expires_at": ends,
            "revoked_at": row.revoked_at,
        }
        for row in op.get_bind().execute(sa.select(_CLIENT))
    ]
    if rows:
        op.bulk_insert(_KEY, rows)


def _give_keys_back() -> None:
    """A client without a key gets a digest that is none: its own ID twice."""
    connection, now = op.get_bind(), datetime.now(UTC)
    standing = sa.select(_KEY).where(_KEY.c.revoked_at.is_(None), _KEY.c.expires_at > now)
    newest = {
        row.client_id: (row.digest, row.key_version)
        for row in connection.execute(standing.order_by(_KEY.c.created_at, _KEY.c.id))
    }
    for (client_id,) in connection.execute(sa.select(_CLIENT.c.id)).all():
        digest, version = newest.get(client_id, (client_id.bytes * 2, 1))
        connection.execute(
            sa.update(_CLIENT)
            .where(_CLIENT.c.id == client_id)
            .values(key_digest=digest, key_version=version)
        )
