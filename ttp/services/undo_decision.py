"""Undo a decision: a new fact cancels it, its edges become tombstones, its questions are open again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import DecisionId, LeafId
from ttp.core.persons import EdgeKind, persons_from, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import (
    AlreadyUndone,
    CaseState,
    Decision,
    Undo,
    UndoBlocked,
    Verdict,
    checked_reason,
)
from ttp.services.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.seal_identities import seal_reason
from ttp.services.settle_persons import settle, with_their_persons


def undo_decision(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    decision_id: DecisionId,
    reason: str,
    also: Collection[DecisionId] = (),
) -> list[DecisionId]:
    """Cancel a decision, and those that rest on it if they are named in ``also``; returns all that were undone.

    A later decision rests on one that joined persons if it concerns the person so made.

    Raises:
        NotAllowed, UnknownDecision, ReasonMissing, AlreadyUndone: and nothing is changed.
        UndoBlocked: others rest on it; ``facts`` name those not in ``also``.
    """
    actor.require(Right.REVIEW)
    text = checked_reason(reason)
    population = tx.review.decision(decision_id).population
    actor.require_population(Right.REVIEW, population)
    tx.identities.lock(population)
    decision = tx.review.decision(decision_id)
    if decision.undone is not None:
        raise AlreadyUndone
    resting = decisions_resting_on(tx, decision)
    missing = [str(one.id) for one in resting if one.id not in also]
    if missing:
        raise UndoBlocked(decisions=missing)
    leaf = new_leaf_id(center)
    undone = [*reversed(resting), decision]
    for one in undone:
        _cancel(center, tx, actor, one, text, leaf=leaf)
    _record(center, tx, actor, undone, leaf=leaf)
    return [one.id for one in undone]


def decisions_resting_on(tx: Transaction, decision: Decision) -> list[Decision]:
    """Later decisions, oldest first, about a person that would fall apart without this one."""
    if decision.verdict is not Verdict.SAME:
        return []
    ends = [one for pair in decision.pairs for one in pair]
    ordinals = {one.id: one.ordinal for one in with_their_persons(tx, ends)}
    edges = tx.edges.standing(list(ordinals), EdgeKind.SAME)
    others = [edge.pair for edge in edges if edge.decision != decision.id]
    present = persons_from(ordinals, [edge.pair for edge in edges])
    if persons_from(ordinals, others) == present:
        return []
    return [
        one
        for one in tx.review.standing_decisions(list(ordinals))
        if (one.at, one.id) > (decision.at, decision.id) and one.verdict is not Verdict.LATER
    ]


def _cancel(
    center: Center,
    tx: Transaction,
    actor: Actor,
    decision: Decision,
    reason: str,
    *,
    leaf: LeafId,
) -> None:
    now = center.clock.now()
    undo_id = DecisionId(center.new_id())
    sealed = seal_reason(center, decision.population, undo_id, reason)
    by = f"{actor.kind}:{actor.name}"
    tx.review.add_undo(Undo(undo_id, decision.id, sealed, by, now), leaf=leaf)
    tx.edges.end(decision.id, by=undo_id, at=now, leaf=leaf)
    case_id = tx.review.asked(decision.pairs).get(decision.pairs[0], decision.case_id)
    if decision.verdict is not Verdict.LATER:
        tx.review.answer(case_id, decision.pairs, decision=None)
    tx.review.change(case_id, state=CaseState.OPEN, at=now, leaf=leaf)
    settle(center, tx, sorted({one for pair in decision.pairs for one in pair}), leaf=leaf)


def _record(
    center: Center, tx: Transaction, actor: Actor, undone: Sequence[Decision], *, leaf: LeafId
) -> None:
    subjects = {one.bytes for decision in undone for pair in decision.pairs for one in pair}
    act = Act(
        EventKind.DECISION_UNDONE,
        domain=scope_of(undone[-1].population),
        counts={"decisions": len(undone)},
        facts={"decision": str(undone[-1].id)},
        subjects=tuple(sorted(subjects)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
