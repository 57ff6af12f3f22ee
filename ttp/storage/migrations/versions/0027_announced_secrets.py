"""Announced secrets: which versions of linkage secrets their holder announced, at the holder and where it is linked."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TABLES = ("linkage_secret", "submission_canary")


def upgrade() -> None:
    """Apply; nothing was announced yet: holders do so, and until then what sites showed first goes on counting."""
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("announced_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Take back; older programs believe the first site that names a version."""
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("announced_at")
