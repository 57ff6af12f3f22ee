"""The life of pseudonyms: which domains take foreign ones over, and a way to those whose time is over."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_HAS_END = sa.text("valid_until IS NOT NULL")
_TABLES = ("pseudonym", "secondary_pseudonym")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("domain") as batch:
        batch.add_column(
            sa.Column("accepts_foreign", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    for table in _TABLES:
        op.create_index(
            op.f(f"ix_{table}_end"),
            table,
            ["domain_id", "valid_until"],
            sqlite_where=_HAS_END,
            postgresql_where=_HAS_END,
        )


def downgrade() -> None:
    """Take back; foreign pseudonyms stay, and older programs call them invalid."""
    for table in _TABLES:
        op.drop_index(op.f(f"ix_{table}_end"), table_name=table)
    with op.batch_alter_table("domain") as batch:
        batch.drop_column("accepts_foreign")
