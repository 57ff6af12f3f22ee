"""Decide a case: same, different, later, or one member excluded; and split a person. Edges carry it, persons follow.

Every decision is a plan first (``ttp.services.cases.plan_decision``): what contradicts itself asks to be confirmed, and
what changes too much waits for a second person (``ttp.services.cases.propose_decision``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ttp.core.access import Actor, Right
from ttp.core.case_work import CaseInWork
from ttp.core.center import Center
from ttp.core.decisions import (
    CaseProposed,
    ConfirmationNeeded,
    PersonChanged,
    Plan,
    SecondVoteNeeded,
    Wish,
)
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId, DecisionId, IdentityId, LeafId
from ttp.core.persons import EdgeKind, NewEdge, Pair, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import (
    CaseChanged,
    CaseState,
    Decision,
    PossibleMatch,
    ReviewCase,
    Verdict,
    checked_reason,
)
from ttp.services.cases.find_contradictions import contradictions
from ttp.services.cases.plan_decision import plan_decision, plan_split, state_after
from ttp.services.cases.weigh_decision import needs_second_vote
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.seal_identities import seal_reason
from ttp.services.persons.settle_persons import add_edges, refuse_joining, with_their_persons


def decide_case(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    case_id: CaseId,
    verdict: Verdict,
    reason: str,
    version: int,
    pairs: Sequence[tuple[IdentityId, IdentityId]] | None = None,
    confirm: Collection[str] = (),
) -> DecisionId:
    """Decide the open questions of a case, or only some of its ``pairs``; see ``decide`` for what it raises."""
    chosen = None if pairs is None else tuple(pairs)
    wish = Wish(verdict, reason, case_id, version, chosen, confirm=frozenset(confirm))
    return decide(center, tx, actor, wish)


def decide(
    center: Center, tx: Transaction, actor: Actor, wish: Wish, *, asked_by: str | None = None
) -> DecisionId:
    """Carry a wish out. ``asked_by``: who proposed it; then the actor is the second person.

    Raises:
        NotAllowed, UnknownCase, ReasonMissing, InvalidField: and nothing is changed; so in all that follows.
        CaseChanged: somebody changed the case since; ``facts`` hold its present version.
        CaseInWork: somebody else works on it, and the wish does not take it over.
        CaseProposed: a decision of the case waits for a second person.
        CaseSettled: there is nothing left to decide.
        KeptApart: it would join persons decided to be different; ``facts`` name those decisions.
        ConfirmationNeeded: persons to be joined contradict each other; ``facts`` name the fields.
        PersonChanged: who is to be split has other records than when that was proposed.
        SecondVoteNeeded: it changes more than one person may; propose it instead.
    """
    text = checked_reason(wish.reason)
    plan, case = planned(center, tx, actor, wish, second=asked_by is not None)
    if asked_by is None and needs_second_vote(center, tx, plan):
        raise SecondVoteNeeded
    return _carry_out(center, tx, actor, replace(wish, reason=text), plan, case, asked_by=asked_by)


def planned(
    center: Center, tx: Transaction, actor: Actor, wish: Wish, *, second: bool = False
) -> tuple[Plan, ReviewCase | None]:
    """The plan of a wish after every check but that of its weight; the population's lock is held from here on.

    Raises:
        What ``decide`` says.
    """
    actor.require(Right.REVIEW)
    if wish.verdict is Verdict.SPLIT:
        return _split(tx, actor, wish), None
    if wish.case_id is None:
        raise InvalidField("A decision is about a case.")
    case = _held(center, tx, actor, wish, wish.case_id, second=second)
    plan = plan_decision(tx, case, wish)
    refuse_joining(tx, plan.same)
    found = contradictions(center, tx, plan, case_id=case.id)
    if found - wish.confirm:
        raise ConfirmationNeeded(confirm=sorted(found))
    return plan, case


def _split(tx: Transaction, actor: Actor, wish: Wish) -> Plan:
    known = tx.identities.get(sorted(set(wish.leaving)))
    if not wish.leaving or len(known) != len(set(wish.leaving)):
        raise InvalidField("Some records of one person leave it, and some stay.")
    population = known[wish.leaving[0]].population
    actor.require_population(Right.REVIEW, population)
    tx.identities.lock(population)
    members = with_their_persons(tx, wish.leaving)
    if wish.seen is not None and {one.id for one in members} != set(wish.seen):
        raise PersonChanged
    return plan_split(tx, sorted(set(wish.leaving)))


def _held(
    center: Center, tx: Transaction, actor: Actor, wish: Wish, case_id: CaseId, *, second: bool
) -> ReviewCase:
    """The case under its population's lock, as the wish takes it to be."""
    population = tx.review.get(case_id).population
    actor.require_population(Right.REVIEW, population)
    tx.identities.lock(population)
    case = tx.review.get(case_id)
    if case.version != wish.version:
        raise CaseChanged(version=case.version, state=case.state.value)
    if case.state is CaseState.PROPOSED and not second:
        raise CaseProposed
    lease = tx.case_work.lease(case_id)
    if (
        lease is not None
        and not wish.take_over
        and lease.keeps_out(_name(actor), at=center.clock.now())
    ):
        raise CaseInWork(holder=lease.holder, until=lease.expires_at.isoformat())
    return case


def _carry_out(
    center: Center,
    tx: Transaction,
    actor: Actor,
    wish: Wish,
    plan: Plan,
    case: ReviewCase | None,
    *,
    asked_by: str | None,
) -> DecisionId:
    leaf, now = new_leaf_id(center), center.clock.now()
    found = case or _case_of_split(center, tx, plan, leaf=leaf)
    decision = _decision(center, actor, found, wish, plan, asked_by=asked_by)
    tx.review.add_decision(decision, leaf=leaf)
    answer = None if wish.verdict is Verdict.LATER else decision.id
    tx.review.answer(found.id, plan.answered, decision=answer)
    tx.edges.suspend(decision.id, plan.edges, at=now, leaf=leaf)
    edges = _edges(tx, found, plan, decision)
    if edges:
        add_edges(center, tx, population=plan.population, edges=edges, leaf=leaf)
    if case is not None:
        state = state_after(tx, case, wish.verdict)
        returns = wish.until if state is CaseState.POSTPONED else None
        tx.review.change(case.id, state=state, at=now, leaf=leaf, returns_at=returns)
        tx.case_work.give_back(case.id, _name(actor))
    _record(center, tx, actor, decision, leaf=leaf)
    return decision.id


def _case_of_split(center: Center, tx: Transaction, plan: Plan, *, leaf: LeafId) -> ReviewCase:
    """A case without questions, so that the split stands among the decisions and can be undone there."""
    now = center.clock.now()
    case_id = CaseId(center.new_id())
    case = ReviewCase(case_id, plan.population, CaseState.DECIDED, 1, 0.0, now, now)
    tx.review.add_case(case, [], leaf=leaf)
    return case


def _decision(
    center: Center,
    actor: Actor,
    case: ReviewCase,
    wish: Wish,
    plan: Plan,
    *,
    asked_by: str | None,
) -> Decision:
    decision_id = DecisionId(center.new_id())
    return Decision(
        id=decision_id,
        case_id=case.id,
        population=plan.population,
        verdict=wish.verdict,
        pairs=plan.pairs,
        reason=seal_reason(center, plan.population, decision_id, wish.reason),
        by=asked_by or _name(actor),
        at=center.clock.now(),
        batch=wish.batch,
        confirmed_by=_name(actor) if asked_by else None,
        state_before=CaseState.OPEN if asked_by else case.state,
    )


def _edges(tx: Transaction, case: ReviewCase, plan: Plan, decision: Decision) -> list[NewEdge]:
    """The edges of a plan; those that answer a question carry its evidence."""
    pairs = tx.review.pairs([case.id]).get(case.id, [])
    asked = {pair.match.pair: pair.match for pair in pairs}
    kinds = ((EdgeKind.SAME, plan.same), (EdgeKind.APART, plan.apart))
    return [
        _edge(pair, kind, decision, asked.get(pair)) for kind, chosen in kinds for pair in chosen
    ]


def _edge(pair: Pair, kind: EdgeKind, decision: Decision, match: PossibleMatch | None) -> NewEdge:
    score, contributions = (match.score, match.contributions) if match else (None, ())
    return NewEdge(*pair, kind, decision.by, score, contributions, decision.id)


def _record(
    center: Center, tx: Transaction, actor: Actor, decision: Decision, *, leaf: LeafId
) -> None:
    facts = {
        "case": str(decision.case_id),
        "decision": str(decision.id),
        "verdict": decision.verdict.value,
    }
    if decision.confirmed_by:
        facts["proposed_by"] = decision.by
    subjects = tuple(sorted({one.bytes for pair in decision.pairs for one in pair}))
    act = Act(
        EventKind.CASE_DECIDED, domain=scope_of(decision.population), facts=facts, subjects=subjects
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
