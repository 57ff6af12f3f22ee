"""Follow changes: what a record said before binds it no longer; what people decided is not undone, but asked again.

Of an identity that has a new version every tie is weighed anew under its new data, in the transaction that stores it.
An automatic link that the model makes of the old data and not of the new ones ends. A question that is no match any
more is withdrawn, one that is a match again is asked again, all others get the evidence there is now. A decision of
people stands; where the new data contradict it and the old ones did not, its question is open again, as a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from linkage.classify import Outcome
from ttp.core.candidate_index import CandidateIndex
from ttp.core.center import Center
from ttp.core.identifying_data import IdentifyingData
from ttp.core.identities import Population
from ttp.core.matching import Verdict
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Edge, EdgeKind, IdentityState, Pair
from ttp.core.ports import Transaction
from ttp.core.review import (
    CONTRADICTION,
    DECIDED_SAME,
    KEPT_APART,
    CasePair,
    CaseState,
    PossibleMatch,
)
from ttp.services.matching.weigh_again import Scale, Versions, pairs_touched, versions_of
from ttp.services.persons.settle_persons import settle, settle_cases, with_their_persons

AUTOMATIC = "model:"
"""How the maker of an edge is called that is a model; only these edges follow the data."""

_CONTRADICTING = {EdgeKind.SAME: Outcome.NON_MATCH, EdgeKind.APART: Outcome.MATCH}
_DECIDED = {EdgeKind.SAME: DECIDED_SAME, EdgeKind.APART: KEPT_APART}

Asked = Mapping[CaseId, Sequence[CasePair]]


@dataclass(slots=True)
class Followed:
    """What came of new data.

    ``parted`` are others whose person fell apart, to be matched again too; ``contradicted`` are decisions in doubt
    that no case holds yet.
    """

    parted: Versions = field(default_factory=dict)
    contradicted: list[PossibleMatch] = field(default_factory=list)
    unlinked: int = 0
    withdrawn: int = 0
    reopened: int = 0

    def counts(self) -> dict[str, int]:
        """What happened, for the leaf, and nothing that did not."""
        found = {"unlinked": self.unlinked, "withdrawn": self.withdrawn, "reopened": self.reopened}
        return {name: count for name, count in found.items() if count}


def follow_changes(
    center: Center,
    tx: Transaction,
    population: Population,
    index: CandidateIndex,
    changed: Mapping[IdentityId, IdentifyingData],
    *,
    leaf: LeafId,
) -> Followed:
    """Weigh all ties of identities under new data, before these are stored; the population's lock is held."""
    done = Followed()
    if not changed:
        return done
    edges, asked = tx.edges.standing(sorted(changed)), tx.review.about(sorted(changed))
    if not edges and not asked:
        return done
    pairs = [edge.pair for edge in edges]
    pairs += [one.match.pair for questions in asked.values() for one in questions]
    ends = pairs_touched(pairs)
    scale = Scale(index, versions_of(center, tx, population.name, ends), changed)
    _end_unsupported(center, tx, population, scale, edges, done, leaf=leaf)
    done.parted = {one: row for one, row in done.parted.items() if one not in changed}
    _doubt_decisions(center, tx, scale, edges, asked, done, leaf=leaf)
    _follow_questions(center, tx, scale, edges, asked, done, leaf=leaf)
    settle_cases(center, tx, sorted(ends), leaf=leaf)
    return done


def _end_unsupported(
    center: Center,
    tx: Transaction,
    population: Population,
    scale: Scale,
    edges: Sequence[Edge],
    done: Followed,
    *,
    leaf: LeafId,
) -> None:
    """End the automatic links that the model would make of the old data and would not of the new."""
    ended = [edge for edge in edges if _is_automatic(edge) and _is_lost(edge.pair, scale)]
    if not ended:
        return
    ends = sorted(pairs_touched([edge.pair for edge in ended]))
    members = with_their_persons(tx, ends)
    tx.edges.end_some([edge.id for edge in ended], by=leaf, at=center.clock.now(), leaf=leaf)
    settle(center, tx, ends, leaf=leaf)
    active = [one.id for one in members if one.state is IdentityState.ACTIVE]
    done.parted = versions_of(center, tx, population.name, active)
    done.unlinked = len(ended)


def _is_automatic(edge: Edge) -> bool:
    return edge.kind is EdgeKind.SAME and edge.made_by.startswith(AUTOMATIC)


def _is_lost(pair: Pair, scale: Scale) -> bool:
    """Frequencies alone, which move with every record, part nobody."""
    now, before = scale.now(pair), scale.before(pair)
    if now is None or now.outcome is Outcome.MATCH:
        return False
    return now.outcome is Outcome.NON_MATCH or before is None or before.outcome is Outcome.MATCH


def _doubt_decisions(
    center: Center,
    tx: Transaction,
    scale: Scale,
    edges: Sequence[Edge],
    asked: Asked,
    done: Followed,
    *,
    leaf: LeafId,
) -> None:
    """Ask again what people decided and only the new data contradict."""
    case_of = {one.match.pair: case for case, found in asked.items() for one in found}
    for pair, kind in _decided(edges).items():
        doubt = _doubt(pair, kind, scale.now(pair), scale.before(pair))
        if doubt is None:
            continue
        done.reopened += 1
        if pair in case_of:
            tx.review.renew([doubt])
            _touch(center, tx, case_of[pair], asks=True, leaf=leaf)
        else:
            done.contradicted.append(doubt)


def _decided(edges: Sequence[Edge]) -> dict[Pair, EdgeKind]:
    return {edge.pair: edge.kind for edge in edges if edge.decision is not None}


def _doubt(
    pair: Pair, kind: EdgeKind, now: Verdict | None, before: Verdict | None
) -> PossibleMatch | None:
    """The conflict with a decision, if the new data contradict it and the stored ones did not."""
    contradicting = _CONTRADICTING[kind]
    if now is None or now.outcome is not contradicting:
        return None
    if before is not None and before.outcome is contradicting:
        return None
    facts = {**now.facts, CONTRADICTION: _DECIDED[kind], "evidence": "changed-data"}
    return PossibleMatch(*pair, now.total, now.contributions, facts, conflict=True)


def _follow_questions(
    center: Center,
    tx: Transaction,
    scale: Scale,
    edges: Sequence[Edge],
    asked: Asked,
    done: Followed,
    *,
    leaf: LeafId,
) -> None:
    """Withdraw what is no question any more, ask again what is one again, renew the evidence of all others."""
    decided = _decided(edges)
    for case_id, questions in asked.items():
        gone: list[Pair] = []
        fresh: list[PossibleMatch] = []
        for one in questions:
            pair, verdict = one.match.pair, scale.now(one.match.pair)
            if one.decision is not None or verdict is None:
                continue
            if not _is_question(verdict, decided.get(pair)):
                gone += [] if one.withdrawn else [pair]
            else:
                fresh.append(_renewed(one, verdict, decided.get(pair)))
        tx.review.withdraw(gone, at=center.clock.now())
        tx.review.renew(fresh)
        done.withdrawn += len(gone)
        if gone or fresh:
            _touch(center, tx, case_id, asks=bool(fresh), leaf=leaf)


def _is_question(verdict: Verdict, decided: EdgeKind | None) -> bool:
    if decided is None:
        return verdict.outcome is not Outcome.NON_MATCH
    return verdict.outcome is _CONTRADICTING[decided]


def _renewed(one: CasePair, verdict: Verdict, decided: EdgeKind | None) -> PossibleMatch:
    """The question with new evidence; a match that is kept apart by what stands elsewhere remains a conflict."""
    elsewhere = one.match.conflict and verdict.outcome is Outcome.MATCH
    conflict = decided is not None or elsewhere
    facts = dict(verdict.facts)
    if conflict:
        facts[CONTRADICTION] = _DECIDED[decided or EdgeKind.APART]
    pair, why = one.match.pair, verdict.contributions
    return PossibleMatch(*pair, verdict.total, why, facts, conflict=conflict)


def _touch(center: Center, tx: Transaction, case_id: CaseId, *, asks: bool, leaf: LeafId) -> None:
    """Whoever has read the case reads it again before deciding; one that ``asks`` anew is put off no longer."""
    case, now = tx.review.get(case_id), center.clock.now()
    if asks:
        tx.review.change(case_id, state=CaseState.OPEN, at=now, leaf=leaf, reopened=True)
    elif case.state is not CaseState.POSTPONED:
        tx.review.change(case_id, state=case.state, at=now, leaf=leaf)
