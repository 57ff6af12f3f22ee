"""Federation: peers, nonces, linkage secrets, tasks, evidence, fetched pseudonyms, witnessed checkpoints."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cosigned",
        sa.Column("witness", sa.String(length=63), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("witness", name=op.f("pk_cosigned")),
    )
    op.create_table(
        "evidence_use",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("peer", sa.String(length=63), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "peer", "day", name=op.f("pk_evidence_use")),
    )
    op.create_table(
        "linkage_secret",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("schema_fingerprint", sa.String(length=71), nullable=False),
        sa.Column("drawn_by", sa.String(length=63), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("project", "version", name=op.f("pk_linkage_secret")),
    )
    op.create_table(
        "peer",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("transport_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("witness", sa.Boolean(), nullable=False),
        sa.Column("approval", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.String(length=63), nullable=False),
        sa.Column("proposed_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=63), nullable=True),
        sa.Column("trusted_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("revoked_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_peer")),
        sa.UniqueConstraint("approval", name=op.f("uq_peer_approval")),
    )
    op.create_table(
        "peer_key",
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("peer", sa.String(length=63), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pinned_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("revoked_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_peer_key")),
    )
    with op.batch_alter_table("peer_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_peer_key_peer"), ["peer"], unique=False)

    op.create_table(
        "project_member",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("submission", sa.String(length=160), nullable=False),
        sa.Column("pseudonym", sa.String(length=160), nullable=False),
        sa.Column("secondaries", sa.JSON(), nullable=False),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.Column("fetched_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", "submission", name=op.f("pk_project_member")),
    )
    op.create_table(
        "request_nonce",
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("nonce", sa.String(length=86), nullable=False),
        sa.Column("until", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name=op.f("pk_request_nonce")),
    )
    with op.batch_alter_table("request_nonce", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_nonce_until"), ["until"], unique=False)

    op.create_table(
        "submission_canary",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("site", sa.String(length=63), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", "version", name=op.f("pk_submission_canary")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=63), nullable=False),
        sa.Column("requested_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("started_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("alive_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(length=63), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=63), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index("ix_task_project", ["project", "id"], unique=False)
        batch_op.create_index("ix_task_waiting", ["state", "id"], unique=False)

    op.create_table(
        "witnessed_checkpoint",
        sa.Column("origin", sa.String(length=512), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_witnessed_checkpoint")),
    )
    op.create_table(
        "evidence",
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("task", sa.Uuid(), nullable=False),
        sa.Column("at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_evidence_task")),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_project"), ["project"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_project"))

    op.drop_table("evidence")
    op.drop_table("witnessed_checkpoint")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_waiting")
        batch_op.drop_index("ix_task_project")

    op.drop_table("task")
    op.drop_table("submission_canary")
    with op.batch_alter_table("request_nonce", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_nonce_until"))

    op.drop_table("request_nonce")
    op.drop_table("project_member")
    with op.batch_alter_table("peer_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_peer_key_peer"))

    op.drop_table("peer_key")
    op.drop_table("peer")
    op.drop_table("linkage_secret")
    op.drop_table("evidence_use")
    op.drop_table("cosigned")
