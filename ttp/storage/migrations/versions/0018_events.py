"""Events: who is told of what, and what was delivered."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=91), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("leaf", "number", name=op.f("uq_event_leaf_number")),
    )
    op.create_index("ix_event_position_number", "event", ["position", "number"])
    op.create_index(
        "ix_event_unplaced",
        "event",
        ["leaf"],
        postgresql_where=sa.text("position IS NULL"),
        sqlite_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "pseudonym_told",
        sa.Column("domain", sa.String(length=91), nullable=False),
        sa.Column("pseudonym", sa.String(length=255), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "domain", "pseudonym", "recipient", "identity_id", name=op.f("pk_pseudonym_told")
        ),
    )
    op.create_index(
        "ix_pseudonym_told_domain_identity_id", "pseudonym_told", ["domain", "identity_id"]
    )
    _webhooks()


def downgrade() -> None:
    """Take back."""
    op.drop_table("webhook")
    op.drop_table("pseudonym_told")
    op.drop_table("event")


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.String(length=63), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=True),
        sa.Column("domains", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=63), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(timezone=True), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=63), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_client"), "webhook", ["client"])
    op.create_index(op.f("ix_webhook_next_at"), "webhook", ["next_at"])
