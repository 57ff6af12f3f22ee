"""Logins."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "login_failure",
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("since", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_failure")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("login_failure")
