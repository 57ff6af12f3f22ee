"""Cases that were asked before contradictions came first get the place that they would be given now."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_URGENT = 1000.0
_LEAST_URGENT = 500.0

_case = sa.table(
    "review_case",
    sa.column("id", sa.Uuid()),
    sa.column("score", sa.Float()),
    sa.column("doubt", sa.String(32)),
)
_pair = sa.table(
    "review_pair",
    sa.column("case_id", sa.Uuid()),
    sa.column("conflict", sa.Boolean()),
    sa.column("withdrawn_at"),
)
_CONTRADICTS = sa.exists().where(
    _pair.c.case_id == _case.c.id, _pair.c.conflict, _pair.c.withdrawn_at.is_(None)
)


def upgrade() -> None:
    """Apply; what contradicts nothing any more falls back to its score."""
    op.execute(
        _case.update()
        .where(_case.c.score < _LEAST_URGENT, _CONTRADICTS)
        .values(score=_case.c.score + _URGENT, doubt="contradiction")
    )
    op.execute(
        _case.update()
        .where(_case.c.score >= _LEAST_URGENT, ~_CONTRADICTS)
        .values(score=_case.c.score - _URGENT, doubt="uncertain")
    )


def downgrade() -> None:
    """Nothing to take back: the program before this one puts contradictions first as well."""
