"""Open cases: possible matches that hang together are one case; nothing that was decided is asked again."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId, IdentityId, LeafId, PersonId, PopulationName
from ttp.core.persons import Grouping, checked_population, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import ASKING, CasePair, CaseState, PossibleMatch, ReviewCase
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.settle_persons import open_questions, persons_of, with_their_persons


def open_cases(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    population: str,
    possible: Sequence[PossibleMatch],
) -> list[CaseId]:
    """Put possible matches before people; returns the cases that now ask them.

    The right to do so is checked by the use case that calls this.

    Raises:
        UnknownPopulation: and nothing is changed.
    """
    name = checked_population(population)
    tx.identities.lock(name)
    leaf = new_leaf_id(center)
    cases = put_before_people(center, tx, population=name, possible=possible, leaf=leaf)
    if cases:
        subjects = tuple(sorted({one.bytes for match in possible for one in match.pair}))
        counts = {"cases": len(cases)}
        act = Act(EventKind.CASES_OPENED, domain=scope_of(name), counts=counts, subjects=subjects)
        record_leaf(center, tx, actor, act, leaf_id=leaf)
    return cases


def put_before_people(
    center: Center,
    tx: Transaction,
    *,
    population: PopulationName,
    possible: Sequence[PossibleMatch],
    leaf: LeafId,
) -> list[CaseId]:
    """Make or enlarge cases for the matches nobody was asked about and nothing decides; the lock is held."""
    matches = _unasked(tx, possible)
    if not matches:
        return []
    ends = sorted({one for match in matches for one in match.pair})
    members = [one.id for one in with_their_persons(tx, ends)]
    standing = [case for case in tx.review.touching(members) if case.state in ASKING]
    groups = _grouped(tx, matches, standing)
    return [
        _enlarge(center, tx, cases, found, leaf=leaf)
        if cases
        else _open(center, tx, population, found, leaf=leaf)
        for found, cases in groups
    ]


def _unasked(tx: Transaction, possible: Sequence[PossibleMatch]) -> list[PossibleMatch]:
    """Each pair once, without those that some case holds or that standing edges decide."""
    best: dict[tuple[IdentityId, IdentityId], PossibleMatch] = {}
    for match in sorted(possible, key=lambda one: one.score):
        best[match.pair] = match
    asked = tx.review.asked(list(best))
    fresh = [match for pair, match in best.items() if pair not in asked]
    questions = open_questions(tx, [CasePair(match, None) for match in fresh])
    return [match for match in fresh if match.pair in questions]


Group = tuple[list[PossibleMatch], list[ReviewCase]]


def _grouped(
    tx: Transaction, matches: Sequence[PossibleMatch], standing: Sequence[ReviewCase]
) -> list[Group]:
    """Groups of new matches that hang together by persons or by a case that asks about these already."""
    asked = tx.review.pairs([case.id for case in standing])
    pairs = {case.id: [pair.match.pair for pair in asked.get(case.id, ())] for case in standing}
    ends = [one for match in matches for one in match.pair]
    ends += [one for of_case in pairs.values() for pair in of_case for one in pair]
    persons = persons_of(tx, ends)
    groups = Grouping()
    for first, second in [match.pair for match in matches]:
        groups.join(_node(persons[first]), _node(persons[second]))
    for of_case in pairs.values():
        for first, second in of_case:
            groups.join(_node(persons[of_case[0][0]]), _node(persons[first]))
            groups.join(_node(persons[first]), _node(persons[second]))
    found: dict[IdentityId, Group] = {}
    for match in matches:
        found.setdefault(groups.root(_node(persons[match.first])), ([], []))[0].append(match)
    for case in standing:
        root = groups.root(_node(persons[pairs[case.id][0][0]]))
        if root in found:
            found[root][1].append(case)
    return list(found.values())


def _node(person: PersonId) -> IdentityId:
    return IdentityId(person)


def _open(
    center: Center,
    tx: Transaction,
    population: PopulationName,
    matches: Sequence[PossibleMatch],
    *,
    leaf: LeafId,
) -> CaseId:
    now = center.clock.now()
    case_id = CaseId(center.new_id())
    score = max(match.score for match in matches)
    case = ReviewCase(case_id, population, CaseState.OPEN, 1, score, now, now)
    tx.review.add_case(case, matches, leaf=leaf)
    return case_id


def _enlarge(
    center: Center,
    tx: Transaction,
    cases: Sequence[ReviewCase],
    matches: Sequence[PossibleMatch],
    *,
    leaf: LeafId,
) -> CaseId:
    """The oldest of the cases takes the new questions, and those of the others."""
    now = center.clock.now()
    kept, *others = sorted(cases, key=lambda case: case.id)
    if others:
        tx.review.absorb([case.id for case in others], into=kept.id, at=now, leaf=leaf)
    tx.review.add_pairs(kept.id, matches)
    tx.review.change(kept.id, state=CaseState.OPEN, at=now, leaf=leaf)
    return kept.id
