"""Join related records: an edge made by their source; what people decided stands, and the contradiction is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ttp.core.center import Center
from ttp.core.hospital import Came, Relation, SaidRelation, is_older
from ttp.core.names import CaseId, LeafId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge
from ttp.core.ports import Transaction
from ttp.core.review import PossibleMatch
from ttp.services.cases.open_cases import put_before_people
from ttp.services.persons.settle_persons import add_edges, persons_of, settle, settle_cases


def maker_of(source: str) -> str:
    """Who made the edges of a source."""
    return f"source:{source}"


def say_relation(
    center: Center, tx: Transaction, said: SaidRelation, *, leaf: LeafId
) -> tuple[Came, CaseId | None]:
    """Make what a source says of two identities stand; the population's lock is held.

    A record is replaced by one other at most: what was said last counts.
    """
    earlier = tx.hospital.said(said.source, said.pair)
    before = next((one for one in earlier if one.pair == said.pair), None)
    rivals = [one for one in earlier if _rival(one, said)]
    if any(is_older(said.said_at, one.said_at) for one in [before, *rivals] if one is not None):
        return Came.OUTDATED, None
    if before is not None and said.said_at is None:
        said = replace(said, said_at=before.said_at)
    for rival in rivals:
        taken_back = replace(rival, relation=Relation.PARTED, replaced=None, said_at=said.said_at)
        tx.hospital.say(taken_back, leaf=leaf)
        _part(center, tx, taken_back, leaf=leaf)
    tx.hospital.say(said, leaf=leaf)
    stands = Relation.PARTED if before is None else before.relation
    if said.relation is Relation.PARTED:
        if stands is Relation.PARTED:
            return Came.KNOWN, None
        return _part(center, tx, said, leaf=leaf), None
    if stands is not Relation.PARTED:
        return Came.KNOWN, None
    return _join(center, tx, said, leaf=leaf)


def _rival(one: SaidRelation, said: SaidRelation) -> bool:
    """Whether it says that the same record was replaced by another one."""
    replaced = said.replaced is not None and one.replaced == said.replaced
    return replaced and one.pair != said.pair and one.relation is Relation.REPLACED


def _join(
    center: Center, tx: Transaction, said: SaidRelation, *, leaf: LeafId
) -> tuple[Came, CaseId | None]:
    edge = NewEdge(*said.pair, EdgeKind.SAME, maker_of(said.source))
    blocked = add_edges(center, tx, population=LOCAL, edges=[edge], leaf=leaf)
    return (Came.ASKED, _ask(center, tx, said, leaf=leaf)) if blocked else (Came.JOINED, None)


def _part(center: Center, tx: Transaction, said: SaidRelation, *, leaf: LeafId) -> Came:
    now = center.clock.now()
    tx.edges.end_made_by(maker_of(said.source), [said.pair], by=leaf, at=now, leaf=leaf)
    tx.hospital.appease(said.pair, source=said.source)
    settle(center, tx, list(said.pair), leaf=leaf)
    first, second = (persons_of(tx, said.pair)[one] for one in said.pair)
    return Came.STILL_JOINED if first == second else Came.PARTED


def _ask(center: Center, tx: Transaction, said: SaidRelation, *, leaf: LeafId) -> CaseId | None:
    """Put the contradiction before people. A source's word has no weight of a model: its score is 0."""
    now = center.clock.now()
    again = tx.hospital.contradict(said.pair, source=said.source, leaf=leaf, at=now)
    if again is not None:
        settle_cases(center, tx, list(said.pair), leaf=leaf)
        return again
    facts = {"contradiction": "kept-apart", "source": said.source}
    match = PossibleMatch(*said.pair, 0.0, (), facts, conflict=True)
    return _only(put_before_people(center, tx, population=LOCAL, possible=[match], leaf=leaf))


def _only(cases: Sequence[CaseId]) -> CaseId | None:
    return cases[0] if cases else None
