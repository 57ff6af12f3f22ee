"""Settle persons: after edges came or went, recompute exactly the persons and cases they touch, then and there."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.center import Center
from ttp.core.names import EdgeId, IdentityId, LeafId, PersonId, PopulationName
from ttp.core.persons import (
    Edge,
    EdgeKind,
    Grouping,
    Identity,
    IdentityState,
    NewEdge,
    Pair,
    admissible,
    persons_from,
)
from ttp.core.ports import Transaction
from ttp.core.review import ASKING, CasePair, CaseState, KeptApart
from ttp.services.pseudonyms.follow_persons import follow_persons


def add_edges(
    center: Center,
    tx: Transaction,
    *,
    population: PopulationName,
    edges: Sequence[NewEdge],
    leaf: LeafId,
) -> list[NewEdge]:
    """Add edges and settle what they touch; the population's lock is held.

    Returns the edges of models that would join what is kept apart; they were not added.

    Raises:
        KeptApart: a person's decision would do so.
    """
    touched = sorted({identity for edge in edges for identity in edge.pair})
    members = [one.id for one in with_their_persons(tx, touched)]
    standing = tx.edges.standing(members)
    same = [edge for edge in edges if edge.kind is EdgeKind.SAME]
    decided = [edge for edge in same if edge.decision is not None]
    _refuse([edge.pair for edge in decided], standing)
    allowed, blocked = _of_models(edges, decided, standing)
    chosen = [edge for edge in edges if edge.kind is EdgeKind.APART] + decided + allowed
    rows = [(EdgeId(center.new_id()), edge) for edge in chosen]
    tx.edges.add(population, rows, at=center.clock.now(), leaf=leaf)
    settle(center, tx, touched, leaf=leaf)
    return blocked


def settle(center: Center, tx: Transaction, touched: Sequence[IdentityId], *, leaf: LeafId) -> None:
    """Recompute the persons of the components that hold these identities, and the cases that ask about them."""
    if not touched:
        return
    members = {one.id: one for one in with_their_persons(tx, touched, lock=True)}
    ordinals = {one.id: one.ordinal for one in members.values()}
    same = [edge.pair for edge in tx.edges.standing(list(ordinals), EdgeKind.SAME)]
    persons = persons_from(ordinals, same)
    moved = [
        (identity, person)
        for identity, person in persons.items()
        if members[identity].person != person
    ]
    tx.edges.set_persons(moved, leaf=leaf)
    if moved:
        before = {one.id: one.person for one in members.values()}
        (population,) = {one.population for one in members.values()}
        follow_persons(center, tx, population=population, before=before, after=persons)
    settle_cases(center, tx, list(ordinals), leaf=leaf)


def settle_cases(
    center: Center, tx: Transaction, identities: Sequence[IdentityId], *, leaf: LeafId
) -> None:
    """Close the cases that have no question left, reopen those that have one again."""
    cases = [
        case for case in tx.review.touching(identities) if case.state is not CaseState.ABSORBED
    ]
    pairs = tx.review.pairs([case.id for case in cases])
    questions = open_questions(tx, [pair for case in cases for pair in pairs[case.id]])
    for case in cases:
        asking = any(pair.match.pair in questions for pair in pairs[case.id])
        if asking is not (case.state in ASKING):
            state = CaseState.OPEN if asking else CaseState.DECIDED
            now = center.clock.now()
            tx.review.change(case.id, state=state, at=now, leaf=leaf, reopened=asking)


def open_questions(
    tx: Transaction, pairs: Sequence[CasePair]
) -> set[tuple[IdentityId, IdentityId]]:
    """Those pairs that nobody decided, directly or by what stands.

    What belongs to one person is decided; so is what is kept apart, unless a model contradicts it. About inactive
    and deleted identities nobody is asked.
    """
    undecided = [pair for pair in pairs if pair.decision is None and not pair.withdrawn]
    rows = tx.identities.get(sorted({one for pair in undecided for one in pair.match.pair}))
    persons = {one: row.person for one, row in rows.items() if row.state is IdentityState.ACTIVE}
    undecided = [pair for pair in undecided if persons.keys() >= set(pair.match.pair)]
    apart = set(tx.edges.apart_among(list(set(persons.values()))))
    found = set()
    for pair in undecided:
        first, second = (persons[one] for one in pair.match.pair)
        kept_apart = (first, second) in apart or (second, first) in apart
        asks = pair.match.doubts_sameness if first == second else pair.match.conflict
        if asks or (first != second and not kept_apart):
            found.add(pair.match.pair)
    return found


def persons_of(tx: Transaction, identities: Sequence[IdentityId]) -> dict[IdentityId, PersonId]:
    """The person of each identity that exists."""
    found = tx.identities.get(sorted(set(identities)))
    return {identity: row.person for identity, row in found.items()}


def with_their_persons(
    tx: Transaction, identities: Sequence[IdentityId], *, lock: bool = False
) -> list[Identity]:
    """All identities of the persons to which these belong, by ID; ``lock`` holds them still in that order."""
    persons = sorted(set(persons_of(tx, identities).values()))
    return tx.identities.members(persons, lock=lock)


def refuse_joining(tx: Transaction, same: Sequence[Pair]) -> None:
    """Pass if a person may decide that these are the same.

    Raises:
        KeptApart: it would join what a person decided to be different; ``facts`` name those decisions.
    """
    members = with_their_persons(tx, sorted({one for pair in same for one in pair}))
    _refuse(same, tx.edges.standing([one.id for one in members]))


def _refuse(decided: Sequence[Pair], standing: Sequence[Edge]) -> None:
    """Only what persons decided stands against a decision; a model's doubt does not."""
    groups = Grouping()
    for edge in standing:
        if edge.kind is EdgeKind.SAME:
            groups.join(*edge.pair)
    for first, second in decided:
        groups.join(first, second)
    apart = [edge for edge in standing if edge.kind is EdgeKind.APART and edge.decision]
    broken = [edge for edge in apart if groups.root(edge.pair[0]) == groups.root(edge.pair[1])]
    if broken:
        raise KeptApart(decisions=sorted({str(edge.decision) for edge in broken}))


def _of_models(
    edges: Sequence[NewEdge], decided: Sequence[NewEdge], standing: Sequence[Edge]
) -> tuple[list[NewEdge], list[NewEdge]]:
    """The SAME edges of models that may stand, and those that may not."""
    models = [edge for edge in edges if edge.kind is EdgeKind.SAME and edge.decision is None]
    new_apart = [edge.pair for edge in edges if edge.kind is EdgeKind.APART]
    apart = [edge.pair for edge in standing if edge.kind is EdgeKind.APART]
    same = [edge.pair for edge in standing if edge.kind is EdgeKind.SAME]
    same += [edge.pair for edge in decided]
    return admissible(models, same=same, apart=apart + new_apart)
