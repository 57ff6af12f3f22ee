"""Providers: accounts that an identity provider vouches for."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import Bytes, UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "account_link",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_account_link_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_link")),
    )
    op.create_index(op.f("ix_account_link_staff_id"), "account_link", ["staff_id"])
    op.create_table(
        "provider_session",
        sa.Column("token_digest", Bytes(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sid_digest", Bytes(length=32), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_provider_session")),
    )
    op.create_index(op.f("ix_provider_session_sid_digest"), "provider_session", ["sid_digest"])
    op.create_index(op.f("ix_provider_session_expires_at"), "provider_session", ["expires_at"])


def downgrade() -> None:
    """Take back; people log in with their passwords again."""
    op.drop_table("provider_session")
    op.drop_table("account_link")
