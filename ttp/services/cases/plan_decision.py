"""Plan a decision: which questions it answers, and which edges come and go; nothing is changed by planning."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ttp.core.decisions import Plan, SplitNeeded, Wish, checked_leaving, connecting
from ttp.core.errors import InvalidField
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import Edge, EdgeKind, Grouping, Pair, pair_of
from ttp.core.ports import Transaction
from ttp.core.review import ASKING, CaseSettled, CaseState, ReviewCase, Verdict
from ttp.services.persons.settle_persons import open_questions, persons_of, with_their_persons


def plan_decision(tx: Transaction, case: ReviewCase, wish: Wish) -> Plan:
    """What the wish comes to in this case.

    Raises:
        CaseSettled: there is nothing left to decide, or not what was asked for.
        InvalidField: who is to be excluded is not in the group.
    """
    found = tx.review.pairs([case.id]).get(case.id, []) if case.state in ASKING else []
    questions = open_questions(tx, found)
    if wish.verdict is Verdict.EXCLUDED:
        return _exclusion(tx, case, wish.member, questions)
    wanted = questions if wish.pairs is None else {pair_of(*pair) for pair in wish.pairs}
    if not wanted or not wanted <= questions:
        raise CaseSettled(state=case.state.value)
    answered = tuple(pair.match.pair for pair in found if pair.match.pair in wanted)
    if wish.verdict is Verdict.DIFFERENT:
        return Plan(case.population, answered, apart=answered, ended=_bonds(tx, answered))
    same = answered if wish.verdict is Verdict.SAME else ()
    return Plan(case.population, answered, same)


def plan_split(tx: Transaction, leaving: Sequence[IdentityId]) -> Plan:
    """What parts these records from the rest of their person: every edge between the two sides ends.

    Where the records of one side hung together only by the other side, the decision joins them.

    Raises:
        InvalidField: they are not some, but not all, records of one person.
    """
    members = with_their_persons(tx, leaving)
    everybody = {one.id for one in members}
    if len({one.person for one in members}) != 1:
        raise InvalidField("Some records of one person leave it, and some stay.")
    checked_leaving(leaving, everybody)
    going, staying = set(leaving), everybody - set(leaving)
    edges = tx.edges.standing(sorted(everybody), EdgeKind.SAME)
    ended = tuple(edge for edge in edges if len(going & set(edge.pair)) == 1)
    kept = [edge.pair for edge in edges if edge not in ended]
    same = connecting(going, kept) + connecting(staying, kept)
    apart = sorted(pair_of(one, other) for one in going for other in staying)
    return Plan(members[0].population, (), tuple(same), tuple(apart), ended)


def _bonds(tx: Transaction, apart: Sequence[Pair]) -> tuple[Edge, ...]:
    """What joins pairs that are one person although new data speak against it; it ends when they are different.

    Raises:
        SplitNeeded: they hang together by other records too.
    """
    persons = persons_of(tx, [one for pair in apart for one in pair])
    inside = {pair for pair in apart if persons[pair[0]] == persons[pair[1]]}
    members = with_their_persons(tx, sorted({one for pair in inside for one in pair}))
    edges = tx.edges.standing([one.id for one in members], EdgeKind.SAME)
    groups = Grouping()
    for edge in edges:
        if edge.pair not in inside:
            groups.join(*edge.pair)
    if any(groups.root(first) == groups.root(second) for first, second in inside):
        raise SplitNeeded
    return tuple(edge for edge in edges if edge.pair in inside)


def _exclusion(
    tx: Transaction, case: ReviewCase, member: IdentityId | None, questions: Collection[Pair]
) -> Plan:
    """The person of the member is apart from all others of the group; the others are one."""
    persons = persons_of(tx, [one for pair in questions for one in pair])
    if not questions:
        raise CaseSettled(state=case.state.value)
    if member not in persons:
        raise InvalidField("This record is not in the group that the case asks about.")
    excluded = persons[member]
    group = _group(questions, persons, member)
    answered = tuple(sorted(pair for pair in questions if pair[0] in group))
    apart = [pair for pair in answered if excluded in (persons[pair[0]], persons[pair[1]])]
    same = [pair for pair in answered if pair not in apart]
    rest = {one for one in group if persons[one] != excluded}
    reached = {one for pair in apart for one in pair}
    others = {persons[one] for one in rest} - {persons[one] for one in reached}
    apart += [pair_of(member, IdentityId(person)) for person in sorted(others)]
    joined = [*same, *((one, IdentityId(persons[one])) for one in rest)]
    heads = {IdentityId(persons[one]) for one in rest}
    same += connecting(heads, joined) if heads else []
    return Plan(case.population, answered, tuple(same), tuple(apart))


def _group(
    questions: Collection[Pair], persons: dict[IdentityId, PersonId], member: IdentityId
) -> set[IdentityId]:
    """The records that hang together with the member by persons and open questions."""
    groups = Grouping()
    for one, person in persons.items():
        groups.join(one, IdentityId(person))
    for first, second in questions:
        groups.join(first, second)
    return {one for one in persons if groups.root(one) == groups.root(member)}


def state_after(tx: Transaction, case: ReviewCase, verdict: Verdict) -> CaseState:
    """Where a case stands after a decision."""
    if not open_questions(tx, tx.review.pairs([case.id]).get(case.id, [])):
        return CaseState.DECIDED
    return CaseState.POSTPONED if verdict is Verdict.LATER else CaseState.OPEN
