"""Read identities: the identifying data of persons, one record each, for encoding and the like; always on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identities import StoredVersion
from ttp.core.identity_life import by_preference, pins_of
from ttp.core.names import IdentityId, PersonId, PopulationName
from ttp.core.persons import IdentityKind, checked_population, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import open_contents


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A person and the newest of its records in clear. Never to be stored or logged."""

    person: PersonId
    identity: IdentityId
    source: str
    data: IdentifyingData


def read_records(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    population: str,
    persons: Sequence[PersonId] | None = None,
    purpose: str | None = None,
) -> list[ReadRecord]:
    """One record of each person, or of these persons, by the age of the person: that of the preferred identity.

    Inactive identities speak for nobody.

    Raises:
        NotAllowed, UnknownPopulation: and nothing is read.
    """
    actor.require_population(Right.READ_PERSON, population)
    name = tx.identities.population(checked_population(population)).name
    rows = _preferred(tx, name, _rows(tx, name, persons))
    contents = open_contents(center, name, rows)
    records = [
        ReadRecord(row.person, row.id, row.source, from_content(content))
        for row, content in zip(rows, contents, strict=True)
    ]
    act = Act(
        EventKind.IDENTITIES_READ,
        domain=scope_of(name),
        purpose=purpose,
        counts={"persons": len(records)},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
    return records


def _rows(
    tx: Transaction, population: str, persons: Sequence[PersonId] | None
) -> Iterable[StoredVersion]:
    name = checked_population(population)
    if persons is None:
        return tx.identities.all_versions(name)
    members = [one.id for one in tx.identities.members(persons) if one.population == name]
    return tx.identities.versions(members).values()


def _preferred(
    tx: Transaction, population: PopulationName, rows: Iterable[StoredVersion]
) -> list[StoredVersion]:
    of_person: dict[PersonId, list[StoredVersion]] = defaultdict(list)
    age: dict[PersonId, int] = {}
    for row in rows:
        age[row.person] = min(row.ordinal, age.get(row.person, row.ordinal))
        if row.kind is IdentityKind.CLEAR and row.is_active:
            of_person[row.person].append(row)
    several = [row.id for own in of_person.values() if len(own) > 1 for row in own]
    pins = pins_of(list(tx.identities.get(sorted(several)).values()))
    sources = tx.identity_life.sources(population)
    chosen = [by_preference(own, pins, sources)[0] for own in of_person.values()]
    return sorted(chosen, key=lambda row: age[row.person])
