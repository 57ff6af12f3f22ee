"""Case descriptions: what the queue filters by, kept beside each case so that a list asks nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, exists, func, select, union, update

from ttp.core.names import CaseId
from ttp.core.persons import Pair
from ttp.core.review import URGENT, PossibleMatch
from ttp.storage.review_rows import LEAST_URGENT, question_of
from ttp.storage.tables import case_source, identity, review_case, review_pair
from ttp.storage.upserts import insert_free

CONTRADICTION = "contradiction"
UNCERTAIN = "uncertain"


def describe_case(
    connection: Connection, case_id: CaseId, matches: Sequence[PossibleMatch]
) -> None:
    """Note score, kind of doubt, number of records and sources of a case that was given these questions."""
    strongest = max(matches, key=lambda match: match.score)
    members = union(
        *(select(side.label("one")).where(review_pair.c.case_id == case_id) for side in _SIDES)
    ).subquery()
    count = select(func.count()).select_from(members).scalar_subquery()
    this = review_case.c.id == case_id
    connection.execute(update(review_case).where(this).values(members=count))
    connection.execute(
        update(review_case)
        .where(this, review_case.c.score - _LIFT <= strongest.score)
        .values(
            score=strongest.score + _LIFT,
            doubt=case((_LIFTED, CONTRADICTION), else_=_doubt(strongest)),
        )
    )
    place_case(connection, this)
    query = select(identity.c.source).join(members, members.c.one == identity.c.id).distinct()
    rows = [{"source": row.source, "case_id": case_id} for row in connection.execute(query)]
    insert_free(connection, case_source, rows)


def place_asking(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Give the cases that ask about these pairs, whose evidence changed, their place."""
    for first, second in pairs:
        asking = select(review_pair.c.case_id).where(
            review_pair.c.first == first, review_pair.c.second == second
        )
        place_case(connection, review_case.c.id.in_(asking))


def place_case(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Let chosen cases stand above others while one of their questions contradicts something, and no longer."""
    rising = (chosen, ~_LIFTED, _CONTRADICTS)
    connection.execute(
        update(review_case)
        .where(*rising)
        .values(score=review_case.c.score + URGENT, doubt=CONTRADICTION)
    )
    falling = (chosen, _LIFTED, ~_CONTRADICTS)
    for (case_id,) in connection.execute(select(review_case.c.id).where(*falling)).all():
        connection.execute(
            update(review_case)
            .where(review_case.c.id == case_id)
            .values(score=review_case.c.score - URGENT, doubt=_doubt_of(connection, case_id))
        )


_SIDES = (review_pair.c.first, review_pair.c.second)
_LIFTED = review_case.c.score >= LEAST_URGENT
_LIFT = case((_LIFTED, URGENT), else_=0.0)
_CONTRADICTS = exists().where(
    review_pair.c.case_id == review_case.c.id,
    review_pair.c.conflict,
    review_pair.c.withdrawn_at.is_(None),
)


def _doubt_of(connection: Connection, case_id: CaseId) -> str:
    """The doubt of the strongest question that a case has left."""
    query = select(review_pair).where(review_pair.c.case_id == case_id)
    order = (review_pair.c.withdrawn_at.is_not(None), review_pair.c.score.desc())
    row = connection.execute(query.order_by(*order).limit(1)).one_or_none()
    return UNCERTAIN if row is None else _doubt(question_of(row).match)


def _doubt(match: PossibleMatch) -> str:
    """The word by which the match is filtered."""
    return CONTRADICTION if match.conflict else match.facts.get("doubt", UNCERTAIN)[:32]
