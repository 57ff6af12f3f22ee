"""Domain policies: form, generation, validity, parents, life cycle, labels and owners of domains."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""
