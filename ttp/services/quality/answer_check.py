"""Answer a check: blind to score and to earlier answers; it measures, and changes no person and no decision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from keys.randomness import shuffled
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import DecisionId
from ttp.core.persons import scope_of
from ttp.core.ports import Transaction
from ttp.core.quality_desk import Check, CheckClosed, CheckKind, CheckState, Vote
from ttp.core.review import Verdict
from ttp.core.vignettes import vignette
from ttp.services.cases.compare_pair import Comparison, compare_stored, compare_vignette
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf

_LOOKED_AT = 50
"""Oldest checks of which the next one is drawn, so that their order tells nothing of their kind."""


@dataclass(frozen=True, slots=True)
class BlindQuestion:
    """A check as its reviewer sees it: the pair, and nothing of why it is asked."""

    id: UUID
    comparison: Comparison
    waiting: int


def next_check(center: Center, tx: Transaction, actor: Actor) -> BlindQuestion | None:
    """A check this person may answer, drawn at random; None if none waits. Pairs that are gone are passed over.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    by = _name(actor)
    for check in shuffled(tx.quality.waiting(by, limit=_LOOKED_AT)):
        if _sees(actor, check) and (found := _compared(center, tx, check)):
            return BlindQuestion(check.id, found, tx.quality.count_waiting(by))
    return None


def show_check(center: Center, tx: Transaction, actor: Actor, *, check_id: UUID) -> BlindQuestion:
    """A check this person may answer.

    Raises:
        NotAllowed, UnknownCheck, CheckClosed: and nothing is answered.
    """
    check = _answerable(tx, actor, check_id)
    found = _compared(center, tx, check)
    if found is None:
        raise CheckClosed("One of the two records is not held any more.")
    return BlindQuestion(check.id, found, tx.quality.count_waiting(_name(actor)))


def answer_check(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    check_id: UUID,
    verdict: Verdict,
    seconds: float | None = None,
) -> CheckState:
    """Store an answer; LATER is "cannot tell". Returns where the check stands now.

    Raises:
        NotAllowed, UnknownCheck: and nothing is stored.
        CheckClosed: it is settled, or this person answered it or gave the answer that is checked.
    """
    check = _answerable(tx, actor, check_id)
    leaf, now = new_leaf_id(center), center.clock.now()
    tx.quality.add_vote(Vote(check_id, _name(actor), verdict, seconds, now), leaf=leaf)
    state, outcome = check.after(tx.quality.votes([check_id])[check_id])
    tx.quality.settle(check_id, state=state, outcome=outcome, at=now)
    act = Act(
        EventKind.QUALITY_ANSWERED,
        domain=scope_of(check.population) if check.pair else None,
        facts={"check": str(check_id)},
        subjects=tuple(sorted(one.bytes for one in check.pair or ())),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return state


def keep_decision_time(
    tx: Transaction, actor: Actor, *, decision: DecisionId, seconds: float | None
) -> None:
    """Keep how long a decision took from the first sight of its case; nothing where no browser told it."""
    if seconds is not None:
        tx.quality.keep_time(decision, by=_name(actor), seconds=seconds)


def _answerable(tx: Transaction, actor: Actor, check_id: UUID) -> Check:
    actor.require(Right.REVIEW)
    check, by = tx.quality.get(check_id), _name(actor)
    if check.pair is not None:
        actor.require_population(Right.REVIEW, check.population)
    voted = any(vote.by == by for vote in tx.quality.votes([check_id]).get(check_id, ()))
    if check.state is CheckState.SETTLED or check.first_by == by or voted:
        raise CheckClosed
    return check


def _sees(actor: Actor, check: Check) -> bool:
    limited = {f"project:{one}" for one in actor.projects or ()}
    return actor.projects is None or check.kind is CheckKind.GOLD or check.population in limited


def _compared(center: Center, tx: Transaction, check: Check) -> Comparison | None:
    if check.pair is None:
        return compare_vignette(center, vignette(check.seed or 0))
    return compare_stored(center, tx, check.pair)


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
