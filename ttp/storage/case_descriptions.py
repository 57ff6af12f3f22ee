"""Case descriptions: what the queue filters by, kept beside each case so that a list asks nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, union, update

from ttp.core.names import CaseId
from ttp.core.persons import Pair
from ttp.core.review import URGENT, PossibleMatch
from ttp.storage.review_rows import LEAST_URGENT
from ttp.storage.tables import case_source, identity, review_case, review_pair
from ttp.storage.upserts import insert_free

CONTRADICTION = "contradiction"
UNCERTAIN = "uncertain"


def describe_case(
    connection: Connection, case_id: CaseId, matches: Sequence[PossibleMatch]
) -> None:
    """Note score, kind of doubt, number of records and sources of a case that was given these questions."""
    strongest = max(matches, key=_place)
    members = union(
        *(select(side.label("one")).where(review_pair.c.case_id == case_id) for side in _SIDES)
    ).subquery()
    count = select(func.count()).select_from(members).scalar_subquery()
    connection.execute(update(review_case).where(review_case.c.id == case_id).values(members=count))
    connection.execute(
        update(review_case)
        .where(review_case.c.id == case_id, review_case.c.score <= _place(strongest))
        .values(score=_place(strongest), doubt=_doubt(strongest))
    )
    query = select(identity.c.source).join(members, members.c.one == identity.c.id).distinct()
    rows = [{"source": row.source, "case_id": case_id} for row in connection.execute(query)]
    insert_free(connection, case_source, rows)


def put_first(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Let the cases that ask about these pairs stand above those that contradict nothing."""
    for first, second in pairs:
        asking = select(review_pair.c.case_id).where(
            review_pair.c.first == first, review_pair.c.second == second
        )
        connection.execute(
            update(review_case)
            .where(review_case.c.id.in_(asking), review_case.c.score < LEAST_URGENT)
            .values(score=review_case.c.score + URGENT, doubt=CONTRADICTION)
        )


_SIDES = (review_pair.c.first, review_pair.c.second)


def _place(match: PossibleMatch) -> float:
    return match.score + (URGENT if match.conflict else 0.0)


def _doubt(match: PossibleMatch) -> str:
    """The word by which the match is filtered."""
    return CONTRADICTION if match.conflict else match.facts.get("doubt", UNCERTAIN)[:32]
