"""Name who survives: the persons there would be after a joining or a split, who speaks for each, what they keep.

Pseudonyms are counted and told apart by the record they hang on, never shown: who sees records sees no pseudonyms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.decisions import Plan
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identities import StoredVersion
from ttp.core.identity_life import by_preference, pins_of
from ttp.core.impact import Impact
from ttp.core.names import DomainName, IdentityId, PersonId, PopulationName
from ttp.core.persons import Identity, IdentityKind, scope_of
from ttp.core.ports import Transaction
from ttp.core.successions import oldest_first, plan_for, records_of
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import open_contents
from ttp.services.persons.settle_persons import with_their_persons
from ttp.services.pseudonyms.find_anchors import anchors_of, domains_of_persons


@dataclass(frozen=True, slots=True)
class Kept:
    """The pseudonyms of one domain that a person would have; the oldest, which hangs on ``record``, is current.

    ``fresh``: that one does not exist yet and would be drawn, besides the ``count``; ``issued_at`` is None then.
    """

    domain: DomainName
    count: int
    record: IdentityId
    source: str
    issued_at: datetime | None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Survivor:
    """One person as it would be.

    Attributes:
        preferred: the record that speaks for it; None where only tombstones are left.
        data: what that record says; None without the right to see it, and for encodings. Never stored or logged.
    """

    person: PersonId
    records: tuple[IdentityId, ...]
    preferred: StoredVersion | None
    data: IdentifyingData | None
    pseudonyms: tuple[Kept, ...]


def name_survivors(
    center: Center, tx: Transaction, actor: Actor, *, plan: Plan, impact: Impact
) -> list[Survivor]:
    """The persons there would be if the plan were carried out, by ID; that they were shown is recorded.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require_population(Right.REVIEW, plan.population)
    ends = {one for pair in [*plan.same, *plan.apart] for one in pair}
    members = {one.id: one for one in with_their_persons(tx, sorted(ends))}
    after = {one.id: impact.regrouped.get(one.id, one.person) for one in members.values()}
    stored = tx.identities.versions(sorted(members))
    before = {one.id: one.person for one in members.values()}
    kept = _kept(center, tx, plan.population, before, after, stored)
    speakers = _preferred(tx, plan.population, after, members, stored)
    data = _opened(center, tx, actor, plan.population, list(speakers.values()))
    return [
        Survivor(
            person,
            tuple(records),
            speakers.get(person),
            data.get(speakers[person].id) if person in speakers else None,
            tuple(kept.get(person, ())),
        )
        for person, records in sorted(records_of(after).items())
    ]


def _kept(
    center: Center,
    tx: Transaction,
    population: PopulationName,
    before: Mapping[IdentityId, PersonId],
    after: Mapping[IdentityId, PersonId],
    stored: Mapping[IdentityId, StoredVersion],
) -> dict[PersonId, list[Kept]]:
    found: dict[PersonId, list[Kept]] = {}
    for domain in domains_of_persons(tx, population):
        anchors = anchors_of(center, tx, domain, after)
        on = {anchor.pseudonym: record for record, anchor in anchors.items()}
        told = tx.events.told_of(domain.name, sorted(after))
        fresh = plan_for(before, after, anchors=anchors, told=told).drawn_in(domain)
        for person, records in records_of(after).items():
            own = oldest_first(anchors[one] for one in records if one in anchors)
            if own or person in fresh:
                record = fresh[person] if person in fresh else on[own[0].pseudonym]
                source = stored[record].source if record in stored else ""
                at = None if person in fresh else own[0].created_at
                kept = Kept(domain.name, len(own), record, source, at, person in fresh)
                found.setdefault(person, []).append(kept)
    return found


def _preferred(
    tx: Transaction,
    population: PopulationName,
    after: Mapping[IdentityId, PersonId],
    members: Mapping[IdentityId, Identity],
    stored: Mapping[IdentityId, StoredVersion],
) -> dict[PersonId, StoredVersion]:
    order = tx.identity_life.sources(population)
    speakers = {}
    for person, records in records_of(after).items():
        rows = [stored[one] for one in records if one in stored]
        ranked = by_preference(rows, pins_of([members[one] for one in records]), order)
        if ranked:
            speakers[person] = ranked[0]
    return speakers


def _opened(
    center: Center,
    tx: Transaction,
    actor: Actor,
    population: PopulationName,
    speakers: Sequence[StoredVersion],
) -> dict[IdentityId, IdentifyingData]:
    """What the records say, on record; nothing for those who may not see persons."""
    rows = [row for row in speakers if row.kind is IdentityKind.CLEAR]
    if not rows or not actor.may(Right.READ_PERSON):
        return {}
    act = Act(
        EventKind.PERSON_SHOWN,
        domain=scope_of(population),
        counts={"identities": len(rows)},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
    opened = zip(rows, open_contents(center, population, rows), strict=True)
    return {row.id: from_content(content) for row, content in opened}
