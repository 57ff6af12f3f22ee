"""Cases: who works on them, until when, and the views that people saved."""

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_REOPENED = sa.text("reopened_at IS NOT NULL")
_WAITS = sa.text("returns_at IS NOT NULL")


def upgrade() -> None:
    """Apply; what is known of the cases that exist is filled in."""
    _cases()
    _decisions()
    _work()
    _fill()


def downgrade() -> None:
    """Take back; decisions that parted persons or excluded one stay, and older programs cannot read them."""
    for table in (
        "disclosure",
        "saved_view",
        "case_lease",
        "case_source",
        "decision_edge",
    ):
        op.drop_table(table)
    op.drop_index("ix_decision_batch", table_name="decision")
    with op.batch_alter_table("decision") as batch:
        for column in ("state_before", "confirmed_by", "batch"):
            batch.drop_column(column)
    for index in (
        "ix_review_case_returns",
        "ix_review_case_waiting",
        "ix_review_case_queue",
        "ix_review_case_assignee",
        "ix_review_case_reopened",
    ):
        op.drop_index(index, table_name="review_case")
    with op.batch_alter_table("review_pair") as batch:
        batch.drop_column("asked_at")
    with op.batch_alter_table("review_case") as batch:
        for column in ("members", "doubt", "reopened_at", "returns_at", "due_at", "assignee"):
            batch.drop_column(column)


def _cases() -> None:
    with op.batch_alter_table("review_case") as batch:
        batch.add_column(sa.Column("assignee", sa.String(length=63), nullable=True))
        batch.add_column(sa.Column("due_at", UtcTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("returns_at", UtcTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("reopened_at", UtcTime(timezone=True), nullable=True))
        batch.add_column(
            sa.Column("doubt", sa.String(length=32), server_default="", nullable=False)
        )
        batch.add_column(sa.Column("members", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("review_pair") as batch:
        batch.add_column(sa.Column("asked_at", UtcTime(timezone=True), nullable=True))
    op.create_index("ix_review_case_queue", "review_case", ["state", "score", "id"])
    op.create_index("ix_review_case_waiting", "review_case", ["state", "created_at"])
    op.create_index("ix_review_case_assignee", "review_case", ["assignee", "state", "score", "id"])
    op.create_index(
        "ix_review_case_reopened",
        "review_case",
        ["state", "score", "id"],
        sqlite_where=_REOPENED,
        postgresql_where=_REOPENED,
    )
    op.create_index(
        "ix_review_case_returns",
        "review_case",
        ["returns_at"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )


def _decisions() -> None:
    with op.batch_alter_table("decision") as batch:
        batch.add_column(sa.Column("batch", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("confirmed_by", sa.String(length=80), nullable=True))
        batch.add_column(sa.Column("state_before", sa.String(length=16), nullable=True))
    op.create_index("ix_decision_batch", "decision", ["batch"])
    op.create_table(
        "decision_edge",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("edge_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_edge_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["edge_id"], ["edge.id"], name=op.f("fk_decision_edge_edge_id_edge")
        ),
        sa.PrimaryKeyConstraint("decision_id", "edge_id", name=op.f("pk_decision_edge")),
    )


def _work() -> None:
    op.create_table(
        "case_source",
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_case_source_case_id_review_case")
        ),
        sa.PrimaryKeyConstraint("source", "case_id", name=op.f("pk_case_source")),
    )
    op.create_index("ix_case_source_case_id", "case_source", ["case_id"])
    op.create_table(
        "case_lease",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("taken_at", UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_case_lease_case_id_review_case")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_lease")),
    )
    op.create_table(
        "saved_view",
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name=op.f("pk_saved_view")),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index("ix_disclosure_owner_day", "disclosure", ["owner", "day"])


def _fill() -> None:
    for side in ("first", "second"):
        op.execute(
            f"INSERT INTO case_source (source, case_id)"  # noqa: S608 - two literals of this file
            f" SELECT DISTINCT i.source, p.case_id FROM review_pair p JOIN identity i ON i.id = p.{side}"
            f" WHERE NOT EXISTS (SELECT 1 FROM case_source s"
            f" WHERE s.source = i.source AND s.case_id = p.case_id)"
        )
    op.execute(
        "UPDATE review_case SET members = (SELECT count(*) FROM ("
        "SELECT p.first FROM review_pair p WHERE p.case_id = review_case.id"
        " UNION SELECT p.second FROM review_pair p WHERE p.case_id = review_case.id) AS found)"
    )
