"""List cases: those that ask something first by score, a page at a time; what they are about is not shown here."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.names import PopulationName
from ttp.core.ports import Transaction
from ttp.core.review import CaseQuery, CaseState, ReviewCase

MAXIMAL_PAGE = 500


def list_cases(
    _center: Center, tx: Transaction, actor: Actor, *, query: CaseQuery
) -> list[ReviewCase]:
    """A page of cases.

    Raises:
        NotAllowed, UnknownCase (``after``): and nothing is answered.
        InvalidField: a page holds 1 to 500 cases.
    """
    _require(actor, query.population)
    if not 1 <= query.limit <= MAXIMAL_PAGE:
        raise InvalidField(f"A page holds 1 to {MAXIMAL_PAGE} cases.")
    return tx.review.page(query)


def count_cases(
    _center: Center, tx: Transaction, actor: Actor, *, population: PopulationName | None = None
) -> dict[CaseState, int]:
    """How many cases there are in each state.

    Raises:
        NotAllowed: and nothing is answered.
    """
    _require(actor, population)
    return tx.review.count(population)


def _require(actor: Actor, population: PopulationName | None) -> None:
    """Who is limited to projects names one: lists of everything are not theirs."""
    actor.require_population(Right.REVIEW, population or "")
