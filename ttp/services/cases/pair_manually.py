"""Pair manually: somebody holds two records for one person that nobody asked about; why not is said with the case."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.classify import Outcome
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import Conflict, InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import from_content
from ttp.core.names import CaseId, IdentityId
from ttp.core.persons import Identity, IdentityKind, IdentityState, pair_of, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import CaseState, KeptApart, PossibleMatch
from ttp.services.cases.open_cases import put_before_people
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.match_records import index_of
from ttp.services.persons.seal_identities import open_contents


class OnePerson(Conflict):
    """These two are one person already."""

    code = "one-person"


@dataclass(frozen=True, slots=True)
class ManualPair:
    """The case that asks about the pair. ``why``: why nobody was asked before, as a word for people.

    ``asked``: a case had asked already; ``below``: the score is below the threshold of possible matches; ``unlike``:
    the records are so unlike that registration did not compare them; ``encoded``: there are encodings only.
    """

    case_id: CaseId
    why: str
    score: float | None


def pair_manually(
    center: Center, tx: Transaction, actor: Actor, *, first: IdentityId, second: IdentityId
) -> ManualPair:
    """Ask whether two records are one person; the answer is given like in any other case.

    Raises:
        NotAllowed: and nothing is changed. InvalidField: no two records of one population.
        OnePerson: they are one already.
        KeptApart: they were decided to be different; ``facts`` name the decisions to undo first.
    """
    actor.require(Right.REVIEW)
    rows = tx.identities.get([first, second])
    if len(rows) != 2 or rows[first].population != rows[second].population:
        raise InvalidField("A pair is two records of one population.")
    population = rows[first].population
    actor.require_population(Right.REVIEW, population)
    tx.identities.lock(population)
    rows = tx.identities.get([first, second])
    if any(one.state is IdentityState.DELETED for one in rows.values()):
        raise InvalidField("One of the two records was deleted.")
    if rows[first].person == rows[second].person:
        raise OnePerson
    _refuse_decided(tx, rows[first], rows[second])
    pair = pair_of(first, second)
    if (case_id := tx.review.asked([pair]).get(pair)) is not None:
        return _again(center, tx, case_id)
    match, why = _weighed(center, tx, rows[first], rows[second])
    leaf = new_leaf_id(center)
    cases = put_before_people(center, tx, population=population, possible=[match], leaf=leaf)
    act = Act(
        EventKind.CASES_OPENED,
        domain=scope_of(population),
        counts={"cases": 1},
        facts={"found": "manually", "why": why},
        subjects=tuple(sorted(one.bytes for one in pair)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return ManualPair(cases[0], why, match.score if match.contributions else None)


def _refuse_decided(tx: Transaction, first: Identity, second: Identity) -> None:
    members = [one.id for one in tx.identities.members(sorted({first.person, second.person}))]
    between = {first.person, second.person}
    persons = {one.id: one.person for one in tx.identities.members(sorted(between))}
    apart = {
        str(edge.decision)
        for edge in tx.edges.standing(members)
        if edge.kind.value == "apart" and {persons.get(one) for one in edge.pair} == between
    }
    if apart:
        raise KeptApart(decisions=sorted(apart))


def _again(center: Center, tx: Transaction, case_id: CaseId) -> ManualPair:
    """A case that asked before; if its question was withdrawn it is not asked anew here."""
    case = tx.review.get(case_id)
    found = case.successor or case.id
    if case.state is CaseState.POSTPONED:
        leaf = new_leaf_id(center)
        tx.review.change(found, state=CaseState.OPEN, at=center.clock.now(), leaf=leaf)
    return ManualPair(found, "asked", case.score)


def _weighed(
    center: Center, tx: Transaction, first: Identity, second: Identity
) -> tuple[PossibleMatch, str]:
    """The pair with its evidence, and why registration did not ask."""
    facts = {"found": "manually"}
    if IdentityKind.ENCODED in {first.kind, second.kind}:
        return PossibleMatch(first.id, second.id, 0.0, (), {**facts, "why": "encoded"}), "encoded"
    index = index_of(center, tx, tx.identities.population(first.population))
    rows = tx.identities.versions([first.id, second.id])
    stored = [rows[first.id], rows[second.id]]
    contents = open_contents(center, first.population, stored)
    entries = index.entries(
        [
            (row.id, row.version, from_content(text))
            for row, text in zip(stored, contents, strict=True)
        ]
    )
    left, right = entries
    verdict = index.model.explain(left.comparable, right.comparable, index.bearers)
    compared = any(one.identity == second.id for one in index.candidates([left])[0])
    why = "unlike" if not compared else "below"
    if compared and verdict.outcome is not Outcome.NON_MATCH:
        why = "settled"
    match = PossibleMatch(
        first.id, second.id, verdict.total, verdict.contributions, {**facts, "why": why}
    )
    return match, why
