"""Read identities: the identifying data of persons, one record each, for encoding and the like; always on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identities import StoredVersion
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import IdentityKind, checked_population, scope_of
from ttp.core.ports import Transaction
from ttp.services.record_leaf import Act, record_leaf
from ttp.services.seal_identities import open_contents


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
    """One record of each person, or of these persons, by the age of the person: the one that changed last.

    Raises:
        NotAllowed, UnknownPopulation: and nothing is read.
    """
    actor.require_population(Right.READ_PERSON, population)
    name = tx.identities.population(checked_population(population)).name
    rows = _newest(_rows(tx, name, persons))
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


def _newest(rows: Iterable[StoredVersion]) -> list[StoredVersion]:
    newest: dict[PersonId, StoredVersion] = {}
    age: dict[PersonId, int] = {}
    for row in rows:
        known = newest.get(row.person)
        age[row.person] = min(row.ordinal, age.get(row.person, row.ordinal))
        if row.kind is IdentityKind.CLEAR and (known is None or row.sequence > known.sequence):
            newest[row.person] = row
    return sorted(newest.values(), key=lambda row: age[row.person])
