"""Impact of a decision: the persons it would join or part, and what hangs on them; nothing is changed by asking.

What is said here is what settling does: both take it from ``ttp.core.successions.plan_for``. A use case that shows
the impact first calls ``impact_of`` with what it is about to do, in the transaction that read the case:

* "same": ``impact_of(center, tx, population=case.population, same=pairs)``
* undo: ``impact_of(..., undone=[decision.id, *resting])``
* a split that ends edges: ``impact_of(..., ended=edges)`` with those that ``tx.edges.standing(members)`` gave;
  or ``apart=pairs``, if the edges that directly join these pairs would end.
* undo of such a split: ``impact_of(..., same=pairs of the edges that would stand again)``

"Different" about persons who are two already changes no person and has no impact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ttp.core.center import Center
from ttp.core.consent import ConsentStatement, permits
from ttp.core.domains import Domain
from ttp.core.impact import (
    MOST_LISTED,
    Affected,
    ConsentChange,
    Fate,
    Impact,
    Joined,
    Parted,
)
from ttp.core.names import (
    DecisionId,
    IdentityId,
    PersonId,
    PopulationName,
    ProjectName,
    Pseudonym,
)
from ttp.core.persons import Edge, EdgeKind, Pair, pair_of, persons_from
from ttp.core.ports import Transaction
from ttp.core.successions import current_of, plan_for, records_of
from ttp.services.persons.settle_persons import with_their_persons
from ttp.services.pseudonyms.find_anchors import (
    anchors_of,
    domains_of_persons,
    domains_of_submissions,
)

_RELEASE = "release:"

Persons = Mapping[IdentityId, PersonId]


def impact_of(
    center: Center,
    tx: Transaction,
    *,
    population: PopulationName,
    same: Sequence[Pair] = (),
    ended: Sequence[Edge] = (),
    apart: Sequence[Pair] = (),
    undone: Collection[DecisionId] = (),
) -> Impact:
    """What would change if these edges came and went; see the module for how to call it.

    The right to see it is checked by the use case that calls this. Nothing is locked: who decides afterwards
    decides on what stands then.

    Raises:
        UnknownDecision: one of ``undone`` is none.
    """
    decided = [pair for one in undone for pair in tx.review.decision(one).pairs]
    same = [*same, *_standing_again(tx, undone)]
    pairs = [*same, *apart, *decided, *(edge.pair for edge in ended)]
    before, after = _persons(tx, pairs, same=same, ended=ended, apart=apart, undone=undone)
    moved = {one: person for one, person in after.items() if before[one] != person}
    if not moved:
        return Impact(population, records=len(before))
    affected = [
        one
        for domain in domains_of_persons(tx, population)
        for one in _affected(center, tx, domain, before, after)
    ]
    projects = {one.project for one in affected if one.project} | _submitted(center, tx, before)
    recipients = {name for one in affected for name in one.recipients}
    return _listed(
        population,
        before,
        after,
        affected=affected,
        consents=_consents(center, tx, before, after),
        projects=sorted(projects),
        recipients=sorted(recipients),
    )


def _standing_again(tx: Transaction, undone: Collection[DecisionId]) -> list[Pair]:
    """What these decisions had ended, and what does not end with them."""
    edges = [edge for one in undone for edge in tx.edges.suspended(one)]
    return [edge.pair for edge in edges if edge.decision not in undone]


def _persons(
    tx: Transaction,
    pairs: Sequence[Pair],
    *,
    same: Sequence[Pair],
    ended: Sequence[Edge],
    apart: Sequence[Pair],
    undone: Collection[DecisionId],
) -> tuple[Persons, Persons]:
    """The persons of all records concerned as they stand, and as they would."""
    members = with_their_persons(tx, sorted({one for pair in pairs for one in pair}))
    gone, cut = {edge.id for edge in ended}, {pair_of(*pair) for pair in apart}
    standing = [
        edge.pair
        for edge in tx.edges.standing([one.id for one in members], EdgeKind.SAME)
        if edge.id not in gone and edge.pair not in cut and edge.decision not in undone
    ]
    ordinals = {one.id: one.ordinal for one in members}
    known = [pair for pair in same if set(pair) <= ordinals.keys()]
    return {one.id: one.person for one in members}, persons_from(ordinals, [*standing, *known])


def _affected(
    center: Center, tx: Transaction, domain: Domain, before: Persons, after: Persons
) -> list[Affected]:
    """The pseudonyms of one domain that would change, by their strings."""
    anchors = anchors_of(center, tx, domain, before)
    told = tx.events.told_of(domain.name, sorted(before))
    plan = plan_for(before, after, anchors=anchors, told=told)
    recipients = tx.events.recipients(domain.name, [*plan.successors, *plan.mixed])
    current, fresh = current_of(after, anchors), plan.drawn_in(domain)

    def one(
        pseudonym: Pseudonym, fate: Fate, new: Iterable[Pseudonym] = (), fresh: int = 0
    ) -> Affected:
        names = recipients.get(pseudonym, frozenset()) if fate is not Fate.RESTORED else frozenset()
        return Affected(
            domain.name, domain.project, pseudonym, fate, tuple(sorted(new)), fresh, names
        )

    found = [one(old, Fate.SUPERSEDED, [new]) for old, new in plan.superseded.items()]
    found += [one(old, Fate.RESTORED) for old in plan.restored]
    for old, persons in plan.mixed.items():
        theirs = {current[person] for person in persons if person in current}
        lacking = sum(person in fresh for person in persons)
        found.append(one(old, Fate.CONTAMINATED, theirs, lacking))
    return sorted(found, key=lambda entry: (entry.pseudonym, entry.fate))


def _submitted(center: Center, tx: Transaction, records: Iterable[IdentityId]) -> set[ProjectName]:
    """The projects to which one of the persons was submitted from here."""
    identities = list(records)
    return {
        domain.project
        for domain in domains_of_submissions(tx)
        if domain.project and anchors_of(center, tx, domain, identities)
    }


def _consents(
    center: Center, tx: Transaction, before: Persons, after: Persons
) -> list[ConsentChange]:
    """By policy: the records for which what is permitted now would change."""
    found = tx.consents.of(sorted(set(before.values())))
    statements: dict[IdentityId, list[ConsentStatement]] = {}
    for one in (statement for own in found.values() for statement in own):
        statements.setdefault(one.identity, []).append(one)
    changes = []
    for policy in sorted({one.policy for own in statements.values() for one in own}):
        was, will = (_permitted(center, persons, statements, policy) for persons in (before, after))
        if was != will:
            changes.append(ConsentChange(policy, len(will - was), len(was - will)))
    return changes


def _permitted(
    center: Center,
    persons: Persons,
    statements: Mapping[IdentityId, Sequence[ConsentStatement]],
    policy: str,
) -> set[IdentityId]:
    """The records whose person permits the policy now."""
    now = center.clock.now()
    permitted: set[IdentityId] = set()
    for records in records_of(persons).values():
        said = [one for record in records for one in statements.get(record, ())]
        if permits(sorted(said, key=lambda one: one.stated_at), [policy], now):
            permitted.update(records)
    return permitted


def _joined(before: Persons, after: Persons) -> list[Joined]:
    sources: dict[PersonId, set[PersonId]] = {}
    for record, person in after.items():
        sources.setdefault(person, set()).add(before[record])
    return [
        Joined(into, tuple(sorted(whole)))
        for into, whole in sorted(sources.items())
        if len(whole) > 1
    ]


def _listed(
    population: PopulationName,
    before: Persons,
    after: Persons,
    *,
    affected: Sequence[Affected],
    consents: Sequence[ConsentChange],
    projects: Sequence[ProjectName],
    recipients: Sequence[str],
) -> Impact:
    joined = _joined(before, after)
    parted = [Parted(one.into, one.persons) for one in _joined(after, before)]
    releases = sorted(
        {
            (one.project, int(name.removeprefix(_RELEASE)))
            for one in affected
            for name in one.recipients
            if one.project and name.startswith(_RELEASE)
        }
    )
    lists: dict[str, Sequence[object]] = {
        "joined": joined,
        "parted": parted,
        "pseudonyms": affected,
        "consents": consents,
        "releases": releases,
        "projects": projects,
        "recipients": recipients,
    }
    counts = {name: len(entries) for name, entries in lists.items()}
    counts |= {fate.value: sum(one.fate is fate for one in affected) for fate in Fate}
    return Impact(
        population,
        records=len(before),
        regrouped={one: person for one, person in after.items() if before[one] != person},
        joined=tuple(joined[:MOST_LISTED]),
        parted=tuple(parted[:MOST_LISTED]),
        pseudonyms=tuple(affected[:MOST_LISTED]),
        consents=tuple(consents[:MOST_LISTED]),
        releases=tuple(releases[:MOST_LISTED]),
        projects=tuple(projects[:MOST_LISTED]),
        recipients=tuple(recipients[:MOST_LISTED]),
        counts=counts,
    )
