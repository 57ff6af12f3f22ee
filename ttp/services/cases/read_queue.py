"""Read the queue: a page of cases that a filter lets through, the urgent first; no value of a patient."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.decisions import Plan, Wish
from ttp.core.desk import CaseFilter, CaseLine
from ttp.core.errors import InvalidField
from ttp.core.impact import Impact
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.services.cases.plan_decision import plan_decision, plan_split
from ttp.services.cases.weigh_decision import impact_of_plan

MAXIMAL_PAGE = 500


def read_queue(
    _center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    chosen: CaseFilter,
    after: CaseId | None = None,
    limit: int = 50,
) -> list[CaseLine]:
    """A page of the queue behind the case ``after``.

    Raises:
        NotAllowed: and nothing is answered. InvalidField: a page holds 1 to 500 cases.
    """
    actor.require_population(Right.REVIEW, chosen.population or "")
    if not 1 <= limit <= MAXIMAL_PAGE:
        raise InvalidField(f"A page holds 1 to {MAXIMAL_PAGE} cases.")
    return tx.desk.cases(chosen, after=after, limit=limit)


def foresee(center: Center, tx: Transaction, actor: Actor, *, wish: Wish) -> tuple[Plan, Impact]:
    """What a decision would do and change; nothing is changed and nothing is locked.

    Raises:
        NotAllowed, UnknownCase, CaseSettled, InvalidField: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    plan = _plan(tx, wish)
    actor.require_population(Right.REVIEW, plan.population)
    return plan, impact_of_plan(center, tx, plan)


def _plan(tx: Transaction, wish: Wish) -> Plan:
    if wish.verdict is Verdict.SPLIT:
        return plan_split(tx, wish.leaving)
    if wish.case_id is None:
        raise InvalidField("A decision is about a case.")
    return plan_decision(tx, tx.review.get(wish.case_id), wish)
