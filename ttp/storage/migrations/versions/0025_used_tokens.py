"""Used tokens: which record of a site holds which token of thinned views, over all submissions under one secret."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; what was submitted before is not remembered."""
    op.create_table(
        "used_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_used_tokens_domain_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_tokens")),
        sa.UniqueConstraint(
            "domain_id", "version", "number", name=op.f("uq_used_tokens_domain_id_version_number")
        ),
    )


def downgrade() -> None:
    """Take back; older programs remember nothing."""
    op.drop_table("used_tokens")
