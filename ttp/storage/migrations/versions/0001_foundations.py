"""The foundations: domains, pseudonyms, clients, staff, approvals, audit."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=63), nullable=True),
        sa.Column("decided_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_state"), ["state"], unique=False)

    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("position", name=op.f("uq_audit_leaf_position")),
    )
    with op.batch_alter_table("audit_leaf", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_leaf_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_audit_leaf_unsequenced",
            ["id"],
            unique=False,
            postgresql_where=sa.text("position IS NULL"),
            sqlite_where=sa.text("position IS NULL"),
        )

    op.create_table(
        "audit_node",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("revoked_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_client_key_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_client_name")),
    )
    op.create_table(
        "domain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("multi", sa.Boolean(), nullable=False),
        sa.Column("alphabet", sa.String(length=64), nullable=False),
        sa.Column("length", sa.SmallInteger(), nullable=False),
        sa.Column("prefix", sa.String(length=32), nullable=False),
        sa.Column("check_character", sa.Boolean(), nullable=False),
        sa.Column("deletable", sa.Boolean(), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=True),
        sa.Column("index_version", sa.Integer(), nullable=False),
        sa.Column("next_index_version", sa.Integer(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain")),
        sa.UniqueConstraint("name", name=op.f("uq_domain_name")),
    )
    op.create_table(
        "idempotency",
        sa.Column("client", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_created_at"), ["created_at"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("holder", sa.String(length=63), nullable=False),
        sa.Column("expires_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "refusal",
        sa.Column("minute", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=63), nullable=False),
        sa.Column("code", sa.String(length=63), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "actor", "code", name=op.f("pk_refusal")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("disabled_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    op.create_table(
        "client_domain",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_domain_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_client_domain_domain_id")
        ),
        sa.PrimaryKeyConstraint("client_id", "domain_id", name=op.f("pk_client_domain")),
    )
    op.create_table(
        "domain_alias",
        sa.Column("alias", sa.String(length=512), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_domain_alias_domain_id")
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_domain_alias")),
    )
    op.create_table(
        "original",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("index_current", sa.LargeBinary(length=16), nullable=True),
        sa.Column("index_next", sa.LargeBinary(length=16), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domain.id"], name=op.f("fk_original_domain_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original")),
        sa.UniqueConstraint(
            "domain_id", "index_current", name=op.f("uq_original_domain_id_index_current")
        ),
        sa.UniqueConstraint(
            "domain_id", "index_next", name=op.f("uq_original_domain_id_index_next")
        ),
    )
    op.create_table(
        "pseudonym",
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=160), nullable=False),
        sa.Column("index_current", sa.LargeBinary(length=16), nullable=True),
        sa.Column("index_next", sa.LargeBinary(length=16), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("successor", sa.String(length=160), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domain.id"], name=op.f("fk_pseudonym_domain_id")),
        sa.PrimaryKeyConstraint("domain_id", "pseudonym", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint(
            "domain_id", "index_current", name=op.f("uq_pseudonym_domain_id_index_current")
        ),
        sa.UniqueConstraint(
            "domain_id", "index_next", name=op.f("uq_pseudonym_domain_id_index_next")
        ),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("expires_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_staff_session")),
    )
    op.create_table(
        "standing_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("daily_budget", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_standing_grant_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_standing_grant_domain_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_grant")),
    )
    with op.batch_alter_table("standing_grant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_standing_grant_client_id"), ["client_id"], unique=False
        )

    op.create_table(
        "secondary_pseudonym",
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=160), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_secondary_pseudonym_domain_id")
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["original.id"], name=op.f("fk_secondary_pseudonym_original_id")
        ),
        sa.PrimaryKeyConstraint("domain_id", "pseudonym", name=op.f("pk_secondary_pseudonym")),
    )
    with op.batch_alter_table("secondary_pseudonym", schema=None) as batch_op:
        batch_op.create_index(
            "ix_secondary_pseudonym_original", ["original_id", "ordinal"], unique=False
        )

    op.create_table(
        "standing_grant_use",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["standing_grant.id"], name=op.f("fk_standing_grant_use_grant_id")
        ),
        sa.PrimaryKeyConstraint("grant_id", "day", name=op.f("pk_standing_grant_use")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("standing_grant_use")
    with op.batch_alter_table("secondary_pseudonym", schema=None) as batch_op:
        batch_op.drop_index("ix_secondary_pseudonym_original")

    op.drop_table("secondary_pseudonym")
    with op.batch_alter_table("standing_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_grant_client_id"))

    op.drop_table("standing_grant")
    op.drop_table("staff_session")
    op.drop_table("pseudonym")
    op.drop_table("original")
    op.drop_table("domain_alias")
    op.drop_table("client_domain")
    op.drop_table("staff")
    op.drop_table("refusal")
    op.drop_table("lease")
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_created_at"))

    op.drop_table("idempotency")
    op.drop_table("domain")
    op.drop_table("client")
    op.drop_table("audit_node")
    with op.batch_alter_table("audit_leaf", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_audit_leaf_unsequenced",
            postgresql_where=sa.text("position IS NULL"),
            sqlite_where=sa.text("position IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_audit_leaf_at"))

    op.drop_table("audit_leaf")
    op.drop_table("audit_checkpoint")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_state"))

    op.drop_table("approval")
