"""Identities: populations, identities in versions, identifiers, edges; review cases, decisions, undoing."""

import sqlalchemy as sa
from alembic import op

import ttp.storage.tables.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "population",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("index_version", sa.Integer(), nullable=False),
        sa.Column("next_index_version", sa.Integer(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_population")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_current", sa.LargeBinary(length=16), nullable=True),
        sa.Column("record_next", sa.LargeBinary(length=16), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_identity_population")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("population", "ordinal", name=op.f("uq_identity_population_ordinal")),
        sa.UniqueConstraint(
            "population", "record_current", name=op.f("uq_identity_population_record_current")
        ),
        sa.UniqueConstraint(
            "population", "record_next", name=op.f("uq_identity_population_record_next")
        ),
        sa.UniqueConstraint("population", "sequence", name=op.f("uq_identity_population_sequence")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_person"), ["person"], unique=False)

    op.create_table(
        "review_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("successor", sa.Uuid(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("changed_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_review_case_population")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
    )
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.create_index(
            "ix_review_case_list", ["state", "population", "score", "id"], unique=False
        )

    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_decision_population")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_case_id"), ["case_id"], unique=False)

    op.create_table(
        "edge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("contributions", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.Column("ended_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_leaf", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["first"], ["identity.id"], name=op.f("fk_edge_first")),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_edge_population")
        ),
        sa.ForeignKeyConstraint(["second"], ["identity.id"], name=op.f("fk_edge_second")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge")),
    )
    with op.batch_alter_table("edge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edge_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index("ix_edge_first", ["first"], unique=False)
        batch_op.create_index("ix_edge_second", ["second"], unique=False)
        batch_op.create_index(
            "ix_edge_standing",
            ["first", "second", "kind", "made_by"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "identifier",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("population", sa.String(length=80), nullable=False),
        sa.Column("index_current", sa.LargeBinary(length=16), nullable=True),
        sa.Column("index_next", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_identifier_identity_id")
        ),
        sa.ForeignKeyConstraint(
            ["population"], ["population.name"], name=op.f("fk_identifier_population")
        ),
        sa.PrimaryKeyConstraint("identity_id", "position", name=op.f("pk_identifier")),
    )
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.create_index(
            "ix_identifier_current", ["population", "index_current"], unique=False
        )
        batch_op.create_index("ix_identifier_next", ["population", "index_next"], unique=False)

    op.create_table(
        "identity_version",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_identity_version_identity_id")
        ),
        sa.PrimaryKeyConstraint("identity_id", "version", name=op.f("pk_identity_version")),
    )
    op.create_table(
        "review_pair",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("contributions", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_pair_case_id")
        ),
        sa.ForeignKeyConstraint(["first"], ["identity.id"], name=op.f("fk_review_pair_first")),
        sa.ForeignKeyConstraint(["second"], ["identity.id"], name=op.f("fk_review_pair_second")),
        sa.PrimaryKeyConstraint("case_id", "first", "second", name=op.f("pk_review_pair")),
        sa.UniqueConstraint("first", "second", name=op.f("uq_review_pair_first_second")),
    )
    with op.batch_alter_table("review_pair", schema=None) as batch_op:
        batch_op.create_index("ix_review_pair_second", ["second"], unique=False)

    op.create_table(
        "decision_pair",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("second", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_pair_decision_id")
        ),
        sa.ForeignKeyConstraint(["first"], ["identity.id"], name=op.f("fk_decision_pair_first")),
        sa.ForeignKeyConstraint(["second"], ["identity.id"], name=op.f("fk_decision_pair_second")),
        sa.PrimaryKeyConstraint("decision_id", "first", "second", name=op.f("pk_decision_pair")),
    )
    with op.batch_alter_table("decision_pair", schema=None) as batch_op:
        batch_op.create_index("ix_decision_pair_first", ["first"], unique=False)
        batch_op.create_index("ix_decision_pair_second", ["second"], unique=False)

    op.create_table(
        "decision_undo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("undone_by", sa.String(length=80), nullable=False),
        sa.Column("undone_at", ttp.storage.tables.base.UtcTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_undo_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_undo")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decision_undo_decision_id")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("decision_undo")
    with op.batch_alter_table("decision_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_pair_second")
        batch_op.drop_index("ix_decision_pair_first")

    op.drop_table("decision_pair")
    with op.batch_alter_table("review_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_review_pair_second")

    op.drop_table("review_pair")
    op.drop_table("identity_version")
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.drop_index("ix_identifier_next")
        batch_op.drop_index("ix_identifier_current")

    op.drop_table("identifier")
    with op.batch_alter_table("edge", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_edge_standing",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_edge_second")
        batch_op.drop_index("ix_edge_first")
        batch_op.drop_index(batch_op.f("ix_edge_decision_id"))

    op.drop_table("edge")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_case_id"))

    op.drop_table("decision")
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.drop_index("ix_review_case_list")

    op.drop_table("review_case")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_person"))

    op.drop_table("identity")
    op.drop_table("population")
