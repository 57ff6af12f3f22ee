"""Show a group: the records of a person or a case, what joins them and what keeps them apart; no value of a patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.identity_life import UnknownPerson
from ttp.core.names import CaseId, IdentityId, PersonId, PopulationName
from ttp.core.persons import Edge, Pair
from ttp.core.ports import Transaction
from ttp.services.persons.settle_persons import with_their_persons

MOST_MEMBERS = 60
"""More records than anybody could see in a drawing are listed only."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One record: from which source, whose it is now."""

    identity: IdentityId
    source: str
    person: PersonId
    ordinal: int


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A possible match that nobody has decided."""

    pair: Pair
    score: float
    case: CaseId


@dataclass(frozen=True, slots=True)
class GroupView:
    """Records by age, the edges among them, ended ones included, and what is asked about them."""

    population: PopulationName
    members: list[GroupMember]
    edges: list[Edge]
    questions: list[OpenQuestion]


def show_person_group(tx: Transaction, actor: Actor, *, person: PersonId) -> GroupView:
    """The group of a person: its records, and those that edges or questions lead to.

    Raises:
        NotAllowed, UnknownPerson: and nothing is answered.
    """
    actor.require(Right.READ_PERSON)
    members = tx.identities.members([person])
    if not members:
        raise UnknownPerson
    actor.require_population(Right.READ_PERSON, members[0].population)
    return _group(tx, members[0].population, [one.id for one in members])


def show_case_group(tx: Transaction, actor: Actor, *, case_id: CaseId) -> GroupView:
    """The group of a case: the persons it asks about, whole.

    Raises:
        NotAllowed, UnknownCase: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    case = tx.review.get(case_id)
    actor.require_population(Right.REVIEW, case.population)
    pairs = tx.review.pairs([case_id]).get(case_id, [])
    ends = sorted({one for pair in pairs for one in pair.match.pair})
    return _group(tx, case.population, [one.id for one in with_their_persons(tx, ends)])


def _group(tx: Transaction, population: PopulationName, ids: Sequence[IdentityId]) -> GroupView:
    edges = tx.edges.history(ids)
    cases = [case.id for case in tx.review.touching(ids)]
    asked = tx.review.pairs(cases)
    questions = [
        OpenQuestion(pair.match.pair, pair.match.score, case)
        for case, pairs in asked.items()
        for pair in pairs
        if pair.decision is None and set(pair.match.pair) & set(ids)
    ]
    named = {*ids, *(one for edge in edges for one in edge.pair)}
    named |= {one for question in questions for one in question.pair}
    rows = sorted(tx.identities.versions(sorted(named)).values(), key=lambda row: row.ordinal)
    members = [GroupMember(row.id, row.source, row.person, row.ordinal) for row in rows]
    known = {member.identity for member in members}
    return GroupView(
        population,
        members,
        [edge for edge in edges if set(edge.pair) <= known],
        [question for question in questions if set(question.pair) <= known],
    )
