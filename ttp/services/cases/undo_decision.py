"""Undo a decision: a new fact cancels it; its edges end, what it had ended stands again, its questions are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.decisions import JOINING
from ttp.core.event_kinds import EventKind
from ttp.core.impact import Impact
from ttp.core.names import CaseId, DecisionId, IdentityId, LeafId
from ttp.core.persons import Edge, EdgeKind, Grouping, persons_from, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import (
    AlreadyUndone,
    CaseState,
    Decision,
    Undo,
    UndoBlocked,
    UnknownDecision,
    Verdict,
    checked_reason,
)
from ttp.services.cases.impact import impact_of
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.seal_identities import seal_reason
from ttp.services.persons.settle_persons import settle, with_their_persons


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

    A later decision rests on one that joined persons if it concerns the person so made; and on a split if it keeps
    apart what would be one person again.

    Raises:
        NotAllowed, UnknownDecision, ReasonMissing, AlreadyUndone: and nothing is changed.
        UndoBlocked: others rest on it; ``facts`` name those not in ``also``.
    """
    actor.require(Right.REVIEW)
    return _undo(center, tx, actor, [tx.review.decision(decision_id)], reason, also)


def undo_batch(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    batch: UUID,
    reason: str,
    also: Collection[DecisionId] = (),
) -> list[DecisionId]:
    """Cancel all decisions of a batch that still stand; see ``undo_decision``.

    Raises:
        UnknownDecision: there is no such batch. AlreadyUndone: none of it stands.
        NotAllowed, ReasonMissing, UndoBlocked: and nothing is changed.
    """
    actor.require(Right.REVIEW)
    found = tx.review.batch(batch)
    if not found:
        raise UnknownDecision
    return _undo(center, tx, actor, found, reason, also)


def impact_of_undo(
    center: Center, tx: Transaction, actor: Actor, *, decision_id: DecisionId
) -> tuple[Impact, list[Decision]]:
    """What undoing would change, and the decisions that rest on it; nothing is changed.

    Raises:
        NotAllowed, UnknownDecision: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    decision = tx.review.decision(decision_id)
    actor.require_population(Right.REVIEW, decision.population)
    resting = _closure(tx, [decision])
    undone = [decision.id, *(one.id for one in resting)]
    return impact_of(center, tx, population=decision.population, undone=undone), resting


def decisions_resting_on(tx: Transaction, decision: Decision) -> list[Decision]:
    """Decisions, oldest first, that cannot stand without this one."""
    if decision.verdict in JOINING:
        return _resting_on_join(tx, decision)
    suspended = tx.edges.suspended(decision.id)
    return _resting_on_parting(tx, decision, suspended) if suspended else []


def _undo(
    center: Center,
    tx: Transaction,
    actor: Actor,
    chosen: Sequence[Decision],
    reason: str,
    also: Collection[DecisionId],
) -> list[DecisionId]:
    text = checked_reason(reason)
    for population in sorted({one.population for one in chosen}):
        actor.require_population(Right.REVIEW, population)
        tx.identities.lock(population)
    standing = [one for one in (tx.review.decision(one.id) for one in chosen) if not one.undone]
    if not standing:
        raise AlreadyUndone
    resting = _closure(tx, standing)
    missing = [str(one.id) for one in resting if one.id not in also]
    if missing:
        raise UndoBlocked(decisions=missing)
    leaf = new_leaf_id(center)
    undone = sorted([*resting, *standing], key=lambda one: (one.at, one.id), reverse=True)
    for one in undone:
        _cancel(center, tx, actor, one, text, leaf=leaf)
    _record(center, tx, actor, undone, first=standing[0], leaf=leaf)
    return [one.id for one in undone]


def _closure(tx: Transaction, chosen: Sequence[Decision]) -> list[Decision]:
    """Everything that rests on these, directly or by others, oldest first, without themselves."""
    found: dict[DecisionId, Decision] = {one.id: one for one in chosen}
    waiting = list(chosen)
    while waiting:
        for one in decisions_resting_on(tx, waiting.pop()):
            if one.id not in found:
                found[one.id] = one
                waiting.append(one)
    own = {one.id for one in chosen}
    return sorted(
        (one for one in found.values() if one.id not in own), key=lambda one: (one.at, one.id)
    )


def _resting_on_join(tx: Transaction, decision: Decision) -> list[Decision]:
    """Later decisions about a person that would fall apart without this one."""
    ends = [one for pair in decision.pairs for one in pair]
    ordinals = {one.id: one.ordinal for one in with_their_persons(tx, ends)}
    edges = tx.edges.standing(list(ordinals), EdgeKind.SAME)
    others = [edge.pair for edge in edges if edge.decision != decision.id]
    present = persons_from(ordinals, [edge.pair for edge in edges])
    if persons_from(ordinals, others) == present:
        return []
    return _later(tx, decision, list(ordinals))


def _resting_on_parting(
    tx: Transaction, decision: Decision, suspended: Sequence[Edge]
) -> list[Decision]:
    """If what would be one person again is kept apart: what keeps it apart, and later decisions about it."""
    ends = [one for edge in suspended for one in edge.pair]
    members = [one.id for one in with_their_persons(tx, ends)]
    standing = [edge for edge in tx.edges.standing(members) if edge.decision != decision.id]
    groups = Grouping()
    for edge in (*suspended, *(one for one in standing if one.kind is EdgeKind.SAME)):
        groups.join(*edge.pair)
    broken = {
        edge.decision
        for edge in standing
        if edge.kind is EdgeKind.APART
        and edge.decision
        and groups.root(edge.pair[0]) == groups.root(edge.pair[1])
    }
    if not broken:
        return []
    found = {one.id: one for one in _later(tx, decision, members)}
    found |= {one: tx.review.decision(one) for one in broken if one not in found}
    return list(found.values())


def _later(tx: Transaction, decision: Decision, members: Sequence[IdentityId]) -> list[Decision]:
    return [
        one
        for one in tx.review.standing_decisions(members)
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
    suspended = tx.edges.suspended(decision.id)
    tx.review.add_undo(Undo(undo_id, decision.id, sealed, by, now), leaf=leaf)
    tx.edges.end(decision.id, by=undo_id, at=now, leaf=leaf)
    tx.edges.resume([edge.id for edge in suspended])
    if decision.verdict is not Verdict.SPLIT:
        _ask_again(center, tx, decision, leaf=leaf)
    touched = {one for pair in decision.pairs for one in pair}
    touched |= {one for edge in suspended for one in edge.pair}
    settle(center, tx, sorted(touched), leaf=leaf)


def _ask_again(center: Center, tx: Transaction, decision: Decision, *, leaf: LeafId) -> None:
    """The questions are open as they were; another case may have taken them over meanwhile."""
    case_id = present_case(tx, decision)
    if decision.verdict is not Verdict.LATER:
        pairs = tx.review.pairs([case_id]).get(case_id, [])
        answered = [pair.match.pair for pair in pairs if pair.decision == decision.id]
        tx.review.answer(case_id, answered, decision=None)
    before = decision.state_before
    state = before if before is CaseState.POSTPONED else CaseState.OPEN
    tx.review.change(case_id, state=state, at=center.clock.now(), leaf=leaf)


def present_case(tx: Transaction, decision: Decision) -> CaseId:
    """The case that has the decision's questions now."""
    case = tx.review.get(decision.case_id)
    return case.successor or case.id


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    undone: Sequence[Decision],
    *,
    first: Decision,
    leaf: LeafId,
) -> None:
    subjects = {one.bytes for decision in undone for pair in decision.pairs for one in pair}
    act = Act(
        EventKind.DECISION_UNDONE,
        domain=scope_of(first.population),
        counts={"decisions": len(undone)},
        facts={"decision": str(first.id)},
        subjects=tuple(sorted(subjects)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
