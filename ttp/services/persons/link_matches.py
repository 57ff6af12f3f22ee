"""Link matches: records find their persons, and what follows of it, whoever asked for it; the lock is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.center import Center
from ttp.core.identifying_data import IdentifyingData
from ttp.core.identities import Population
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import Pair
from ttp.core.ports import Transaction
from ttp.services.cases.open_cases import put_before_people
from ttp.services.persons.assign_persons import Assigned, assign_persons
from ttp.services.persons.follow_changes import Followed, follow_changes
from ttp.services.persons.link_identities import contradictions
from ttp.services.persons.match_records import judged
from ttp.services.persons.settle_persons import add_edges

Record = tuple[IdentityId, int, IdentifyingData]
"""An identity, a version of it, and what that says."""

NOTHING = Assigned((), ())


@dataclass(frozen=True, slots=True)
class Matched:
    """What each record is to be linked with and asked about, and what new data ended."""

    entries: Sequence[Entry]
    assigned: Mapping[IdentityId, Assigned]
    followed: Followed

    def of(self, identity: IdentityId) -> Assigned:
        """What follows for one record; nothing for one that was not matched."""
        return self.assigned.get(identity, NOTHING)


def match(
    center: Center,
    tx: Transaction,
    population: Population,
    index: CandidateIndex,
    records: Sequence[Record],
    *,
    leaf: LeafId,
) -> Matched:
    """Match records that are about to be stored; ties that changed ones lose are ended already."""
    changed = {identity: data for identity, version, data in records if version > 1}
    followed = follow_changes(center, tx, population, index, changed, leaf=leaf)
    parted = [(one, version, data) for one, (version, data) in followed.parted.items()]
    entries = index.entries([*records, *parted])
    stored = frozenset(followed.parted)
    assigned = assign_persons(tx, entries, judged(index, entries), stored=stored)
    return Matched(entries, assigned, followed)


def match_stored(tx: Transaction, index: CandidateIndex, records: Sequence[Record]) -> Matched:
    """Match records again that are stored as they are."""
    entries = index.entries(records)
    stored = frozenset(identity for identity, _, _ in records)
    assigned = assign_persons(tx, entries, judged(index, entries), stored=stored)
    return Matched(entries, assigned, Followed())


def link_matches(
    center: Center, tx: Transaction, population: Population, matched: Matched, *, leaf: LeafId
) -> set[Pair]:
    """Store edges and cases; returns the pairs about which somebody is asked now."""
    edges = [edge for one in matched.assigned.values() for edge in one.edges]
    name = population.name
    blocked = add_edges(center, tx, population=name, edges=edges, leaf=leaf) if edges else []
    possible = [question for one in matched.assigned.values() for question in one.possible]
    possible += contradictions(blocked) + matched.followed.contradicted
    cases = put_before_people(center, tx, population=name, possible=possible, leaf=leaf)
    pairs = tx.review.pairs(cases)
    return {pair.match.pair for asked in pairs.values() for pair in asked}
