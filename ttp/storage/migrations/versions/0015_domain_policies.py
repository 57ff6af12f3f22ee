"""Domain policies: form, generation, validity, parents, life cycle, labels and owners of domains."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ttp.storage.tables.base import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS: tuple[
    tuple[str, sa.types.TypeEngine[Any], sa.ColumnElement[Any] | sa.TextClause], ...
] = (
    ("suffix", sa.String(length=32), sa.text("''")),
    ("delimiter", sa.String(length=1), sa.text("''")),
    ("delimiter_every", sa.SmallInteger(), sa.text("0")),
    ("last_character_after", sa.SmallInteger(), sa.text("0")),
    ("check_digits", sa.String(length=32), sa.text("'none'")),
    ("detected_errors", sa.SmallInteger(), sa.text("2")),
    ("check_prefix", sa.Boolean(), sa.false()),
    ("check_suffix", sa.Boolean(), sa.false()),
    ("anonymizable", sa.Boolean(), sa.true()),
    ("expires", sa.Boolean(), sa.false()),
    ("parent_rule", sa.String(length=16), sa.text("'off'")),
    ("generation", sa.String(length=32), sa.text("'random'")),
    ("state", sa.String(length=8), sa.text("'active'")),
    ("label", sa.String(length=255), sa.text("''")),
    ("comment", sa.String(length=2000), sa.text("''")),
    ("owner", sa.String(length=255), sa.text("''")),
    ("half_full", sa.Boolean(), sa.false()),
)
_OPTIONAL: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("validity", sa.String(length=32)),
    ("token_version", sa.Integer()),
)
_TABLES = ("pseudonym", "secondary_pseudonym")
_WIDER = (
    ("pseudonym", "pseudonym"),
    ("pseudonym", "successor"),
    ("secondary_pseudonym", "pseudonym"),
)
_domain = sa.table(
    "domain",
    sa.column("check_character", sa.Boolean),
    sa.column("check_digits", sa.String),
)


def upgrade() -> None:
    """Apply; every domain is active, random, without validity and parents, as all have been until now."""
    with op.batch_alter_table("domain") as batch:
        for name, kind, value in _COLUMNS:
            batch.add_column(sa.Column(name, kind, server_default=value, nullable=False))
        for name, optional in _OPTIONAL:
            batch.add_column(sa.Column(name, optional, nullable=True))
    checked = _domain.c.check_character.is_(sa.true())
    op.execute(_domain.update().where(checked).values(check_digits="iso7064"))
    with op.batch_alter_table("domain") as batch:
        batch.drop_column("check_character")
    op.create_table(
        "domain_parent",
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_domain_parent_domain_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["domain.id"], name=op.f("fk_domain_parent_parent_id")
        ),
        sa.PrimaryKeyConstraint("domain_id", "parent_id", name=op.f("pk_domain_parent")),
    )
    op.create_index(op.f("ix_domain_parent_parent_id"), "domain_parent", ["parent_id"])
    for table, column in _WIDER:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                column, existing_type=sa.String(length=160), type_=sa.String(length=255)
            )
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("valid_until", UtcTime(), nullable=True))


def downgrade() -> None:
    """Take back; forms, policies and states that older programs do not know are forgotten, pseudonyms stay.

    The wider columns stay too, so that no long pseudonym is cut.
    """
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("valid_until")
    op.drop_index(op.f("ix_domain_parent_parent_id"), table_name="domain_parent")
    op.drop_table("domain_parent")
    with op.batch_alter_table("domain") as batch:
        batch.add_column(
            sa.Column("check_character", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    checked = _domain.c.check_digits == "iso7064"
    op.execute(_domain.update().where(checked).values(check_character=sa.true()))
    with op.batch_alter_table("domain") as batch:
        batch.alter_column("check_character", server_default=None)
        names = [one[0] for one in _OPTIONAL] + [one[0] for one in _COLUMNS]
        for name in names:
            batch.drop_column(name)
