"""Center identity: the keyring a database belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; the first start fills the row in."""
    op.create_table(
        "center_identity",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("keyring", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_center_identity_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center_identity")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("center_identity")
