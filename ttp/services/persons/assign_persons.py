"""Assign persons: a record joins at most one known person by itself; what would join two persons is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from linkage.classify import Outcome
from ttp.core.candidate_index import Entry
from ttp.core.matching import Verdict
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import EdgeKind, Grouping, NewEdge
from ttp.core.ports import Transaction
from ttp.core.review import PossibleMatch
from ttp.services.persons.match_records import Judged

CLEARLY_BETTER = 6.0
"""Bits by which the best person must lead every other, else the record joins neither."""
MOST_EDGES = 3
MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Assigned:
    """What follows for one record: edges to the person it joins, and questions about others."""

    edges: tuple[NewEdge, ...]
    possible: tuple[PossibleMatch, ...]


def assign_persons(
    tx: Transaction,
    entries: Sequence[Entry],
    found: Sequence[Sequence[Judged]],
    *,
    stored: Collection[IdentityId] = (),
) -> dict[IdentityId, Assigned]:
    """Edges and questions of each record, in the order in which the records come.

    ``stored`` are records that are matched again as they are; the others are new or have a new version.
    """
    persons, shared = _persons(tx, entries, found, stored)
    groups = Grouping()
    assigned = {}
    for entry, judged in zip(entries, found, strict=True):
        own = _group(groups, persons, entry.identity)
        by_person: dict[IdentityId, list[Judged]] = defaultdict(list)
        for one in judged:
            if (person := _group(groups, persons, one[0])) != own:
                by_person[person].append(one)
        joined = _joined(list(by_person.values())) if entry.identity not in shared else None
        edges = _edges(entry, joined or ())
        if joined:
            groups.join(own, _group(groups, persons, joined[0][0]))
        others = [of_person for of_person in by_person.values() if of_person is not joined]
        assigned[entry.identity] = Assigned(edges, _questions(entry, others))
    return assigned


def _persons(
    tx: Transaction,
    entries: Sequence[Entry],
    found: Sequence[Sequence[Judged]],
    stored: Collection[IdentityId],
) -> tuple[dict[IdentityId, PersonId], set[IdentityId]]:
    """The person of everyone concerned, and those of the records whose person has other identities already."""
    ends = {one for judged in found for one, _ in judged}
    changed = [one.identity for one in entries if one.version > 1 or one.identity in stored]
    rows = tx.identities.get(sorted(ends.union(changed)))
    persons = {identity: row.person for identity, row in rows.items()}
    persons |= {
        entry.identity: PersonId(entry.identity)
        for entry in entries
        if entry.identity not in persons
    }
    members = tx.identities.members(sorted({persons[one] for one in changed}))
    sizes: dict[PersonId, int] = defaultdict(int)
    for member in members:
        sizes[member.person] += 1
    return persons, {one for one in changed if sizes[persons[one]] > 1}


def _group(
    groups: Grouping, persons: dict[IdentityId, PersonId], identity: IdentityId
) -> IdentityId:
    return groups.root(IdentityId(persons[identity]))


def _joined(by_person: Sequence[list[Judged]]) -> list[Judged] | None:
    """The candidates of the one person the record joins, best first; None if another is about as likely."""
    ranked = sorted(by_person, key=lambda of_person: -of_person[0][1].total)
    matching = [of_person for of_person in ranked if of_person[0][1].outcome is Outcome.MATCH]
    if not matching:
        return None
    best = matching[0]
    rivals = [of_person[0][1] for of_person in ranked if of_person is not best]
    return None if any(_rivals(best[0][1], rival) for rival in rivals) else best


def _rivals(best: Verdict, other: Verdict) -> bool:
    return best.total - other.total < CLEARLY_BETTER


def _edges(entry: Entry, joined: Iterable[Judged]) -> tuple[NewEdge, ...]:
    matches = [one for one in joined if one[1].outcome is Outcome.MATCH]
    return tuple(
        NewEdge(
            entry.identity,
            other,
            EdgeKind.SAME,
            verdict.model,
            verdict.total,
            verdict.contributions,
        )
        for other, verdict in matches[:MOST_EDGES]
    )


def _questions(entry: Entry, others: Sequence[list[Judged]]) -> tuple[PossibleMatch, ...]:
    """One question per other person, about its likeliest identity."""
    best = sorted((of_person[0] for of_person in others), key=lambda one: -one[1].total)
    return tuple(
        PossibleMatch(entry.identity, other, verdict.total, verdict.contributions, verdict.facts)
        for other, verdict in best[:MOST_QUESTIONS]
    )
