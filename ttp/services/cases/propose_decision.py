"""Propose a decision: what changes more than one person may decide waits for a second one; then it is carried out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from ttp.core.access import Actor
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.decisions import Plan, SecondVoteNeeded, Settled, Wish
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId
from ttp.core.persons import scope_of
from ttp.core.ports import Transaction
from ttp.core.review import CaseState, ReviewCase, UnknownCase, checked_reason
from ttp.services.approvals.settle_approval import (
    Asked,
    at_once_if_alone,
    grant_approval,
    opened,
    request_approval,
)
from ttp.services.cases.decide_case import decide, planned
from ttp.services.cases.weigh_decision import impact_of_plan, weight_of
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.settle_persons import with_their_persons


def decide_or_propose(center: Center, tx: Transaction, actor: Actor, wish: Wish) -> Settled:
    """Decide what the actor may decide alone; propose everything else, whose case then waits.

    Where the center runs with one person, that person's decision is enough.

    Raises:
        What ``decide`` says, ``SecondVoteNeeded`` excepted.
    """
    try:
        return Settled(decide(center, tx, actor, wish))
    except SecondVoteNeeded:
        pass
    if at_once_if_alone(center, actor):
        return Settled(decide(center, tx, actor, wish, asked_by=f"{actor.kind}:{actor.name}"))
    plan, case = planned(center, tx, actor, wish)
    return Settled(None, _propose(center, tx, actor, wish, plan, case))


def confirm_decision(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """A second person agrees; the decision is the proposer's, confirmed by the actor.

    Raises:
        NotAllowed, ApprovalClosed, SecondPersonNeeded: and nothing is changed; and what ``decide`` says, such as
        CaseChanged when new questions came into the case meanwhile.
    """
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=ApprovalKind.DECISION)
    wish = Wish.read(opened(center, granted))
    decide(center, tx, actor, wish, asked_by=f"{asked.requested_as}:{asked.requested_by}")
    return granted


def drop_proposal(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> None:
    """The case asks again as it did."""
    case_id = asked.subject.get("case")
    if not case_id:
        return
    chosen = CaseId(UUID(str(case_id)))
    with suppress(UnknownCase):
        tx.identities.lock(tx.review.get(chosen).population)
        case = tx.review.get(chosen)
        if case.state is CaseState.PROPOSED:
            _place(center, tx, actor, case, CaseState.OPEN)


def _propose(
    center: Center,
    tx: Transaction,
    actor: Actor,
    wish: Wish,
    plan: Plan,
    case: ReviewCase | None,
) -> UUID:
    weight = weight_of(impact_of_plan(center, tx, plan))
    subject = {"verdict": wish.verdict.value, "changes": weight}
    if case is not None:
        waiting = _place(center, tx, actor, case, CaseState.PROPOSED)
        wish = replace(wish, version=waiting.version)
        subject["case"] = str(case.id)
    else:
        members = with_their_persons(tx, wish.leaving)
        wish = replace(wish, seen=tuple(one.id for one in members))
    sealed = replace(wish, reason=checked_reason(wish.reason)).written()
    asked = Asked(ApprovalKind.DECISION, subject, sealed=sealed)
    return request_approval(center, tx, actor, asked).id


def _place(
    center: Center, tx: Transaction, actor: Actor, case: ReviewCase, state: CaseState
) -> ReviewCase:
    leaf = new_leaf_id(center)
    placed = tx.review.change(case.id, state=state, at=center.clock.now(), leaf=leaf)
    facts = {"case": str(case.id), "state": state.value}
    act = Act(EventKind.CASES_ARRANGED, domain=scope_of(case.population), facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return placed
