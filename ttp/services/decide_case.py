"""Decide a case: same, different or later; the decision is a new fact, edges carry it, persons follow."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId, DecisionId, IdentityId
from ttp.core.persons import EdgeKind, NewEdge, Pair, pair_of, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import (
    ASKING,
    CaseChanged,
    CasePair,
    CaseSettled,
    CaseState,
    Decision,
    ReviewCase,
    Verdict,
    checked_reason,
)
from ttp.services.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.seal_identities import seal_reason
from ttp.services.settle_persons import add_edges, open_questions

_KIND = {Verdict.SAME: EdgeKind.SAME, Verdict.DIFFERENT: EdgeKind.APART}


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
) -> DecisionId:
    """Decide the open questions of a case, or only some of its ``pairs``.

    ``version`` is that of the case as the caller read it.

    Raises:
        NotAllowed, UnknownCase, ReasonMissing: and nothing is changed.
        CaseChanged: somebody changed the case since; ``facts`` hold its present version.
        CaseSettled: there is nothing left to decide.
        KeptApart: it would join persons decided to be different; ``facts`` name those decisions.
    """
    actor.require(Right.REVIEW)
    text = checked_reason(reason)
    population = tx.review.get(case_id).population
    actor.require_population(Right.REVIEW, population)
    tx.identities.lock(population)
    case = tx.review.get(case_id)
    if case.version != version:
        raise CaseChanged(version=case.version, state=case.state.value)
    questions = _questions(tx, case, pairs)
    decision = _decision(center, actor, case, verdict, text, questions)
    leaf = new_leaf_id(center)
    tx.review.add_decision(decision, leaf=leaf)
    tx.review.answer(
        case_id, decision.pairs, decision=None if verdict is Verdict.LATER else decision.id
    )
    if kind := _KIND.get(verdict):
        edges = [_edge(pair, kind, decision) for pair in questions]
        add_edges(center, tx, population=case.population, edges=edges, leaf=leaf)
    state = _state_after(tx, case, verdict)
    tx.review.change(case_id, state=state, at=center.clock.now(), leaf=leaf)
    facts = {"case": str(case_id), "decision": str(decision.id), "verdict": verdict.value}
    subjects = tuple(sorted({one.bytes for pair in decision.pairs for one in pair}))
    act = Act(
        EventKind.CASE_DECIDED, domain=scope_of(case.population), facts=facts, subjects=subjects
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return decision.id


def _questions(
    tx: Transaction,
    case: ReviewCase,
    pairs: Sequence[tuple[IdentityId, IdentityId]] | None,
) -> list[CasePair]:
    found = tx.review.pairs([case.id]).get(case.id, []) if case.state in ASKING else []
    open_pairs = open_questions(tx, found)
    wanted: set[Pair] = open_pairs if pairs is None else {pair_of(*pair) for pair in pairs}
    if not wanted or not wanted <= open_pairs:
        raise CaseSettled(state=case.state.value)
    return [pair for pair in found if pair.match.pair in wanted]


def _decision(
    center: Center,
    actor: Actor,
    case: ReviewCase,
    verdict: Verdict,
    reason: str,
    questions: Sequence[CasePair],
) -> Decision:
    decision_id = DecisionId(center.new_id())
    return Decision(
        id=decision_id,
        case_id=case.id,
        population=case.population,
        verdict=verdict,
        pairs=tuple(pair.match.pair for pair in questions),
        reason=seal_reason(center, case.population, decision_id, reason),
        by=f"{actor.kind}:{actor.name}",
        at=center.clock.now(),
    )


def _edge(pair: CasePair, kind: EdgeKind, decision: Decision) -> NewEdge:
    match = pair.match
    return NewEdge(*match.pair, kind, decision.by, match.score, match.contributions, decision.id)


def _state_after(tx: Transaction, case: ReviewCase, verdict: Verdict) -> CaseState:
    if not open_questions(tx, tx.review.pairs([case.id])[case.id]):
        return CaseState.DECIDED
    return CaseState.POSTPONED if verdict is Verdict.LATER else CaseState.OPEN
