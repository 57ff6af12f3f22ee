"""Projects, consents and releases."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("linking_center", sa.String(length=63), nullable=False),
        sa.Column("secret_holder", sa.String(length=63), nullable=False),
        sa.Column("schema", sa.String(length=63), nullable=False),
        sa.Column("schema_fingerprint", sa.String(length=80), nullable=False),
        sa.Column("policies", sa.JSON(), nullable=False),
        sa.Column("expires_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.String(length=63), nullable=False),
        sa.Column("approved_by", sa.String(length=63), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("name", name=op.f("uq_project_name")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("researcher", sa.String(length=63), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("archive", sa.LargeBinary(), nullable=True),
        sa.Column("leaf", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("project", "version", name=op.f("uq_release_project_version")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("provision", sa.String(length=8), nullable=False),
        sa.Column("valid_from", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("valid_to", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("stated_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_consent_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_identity", "consent", ["identity_id", "stated_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_consent_identity", table_name="consent")
    op.drop_table("consent")
    op.drop_table("release")
    op.drop_table("project")
