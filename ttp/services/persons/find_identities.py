"""Find identities: by the name their source gave them, or by an identifier; both go by blind index."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import Identifier
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import Identity, checked_population, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import (
    identifier_indexes,
    named_record_key,
    record_indexes,
)

_FINDERS = frozenset({Right.READ_PERSON, Right.RECORD_CONSENT})

Record = tuple[str, str]
"""A source and what it calls a record."""


def find_identities(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    population: str,
    records: Sequence[Record] = (),
    identifiers: Sequence[Identifier] = (),
) -> list[Identity]:
    """The identities of these records and those that bear these identifiers, by age; no identifying data.

    Raises:
        NotAllowed, UnknownPopulation: and nothing is answered.
    """
    if not any(actor.may(right) for right in _FINDERS):
        raise NotAllowed(f"The role {actor.role} may not look for identities.")
    found = set(identities_of_records(center, tx, population=population, records=records).values())
    bearers = bearers_of(center, tx, population=population, identifiers=identifiers)
    found.update(identity for bearing in bearers.values() for identity in bearing)
    rows = sorted(tx.identities.get(sorted(found)).values(), key=lambda one: one.ordinal)
    act = Act(
        EventKind.IDENTITIES_FOUND,
        domain=scope_of(checked_population(population)),
        counts={"asked": len(records) + len(identifiers), "found": len(rows)},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
    return rows


def identities_of_records(
    center: Center, tx: Transaction, *, population: str, records: Sequence[Record]
) -> dict[Record, IdentityId]:
    """The identity of each record that is registered. Rights are checked by the use case that calls this."""
    stored = tx.identities.population(checked_population(population))
    keys = [named_record_key(source, record_id) for source, record_id in records]
    indexes = [current for current, _ in record_indexes(center, stored, keys)]
    known = tx.identities.known(stored.name, indexes)
    return {
        record: known[index].id
        for record, index in zip(records, indexes, strict=True)
        if index in known
    }


def bearers_of(
    center: Center, tx: Transaction, *, population: str, identifiers: Sequence[Identifier]
) -> dict[Identifier, list[IdentityId]]:
    """The identities that bear each identifier. Rights are checked by the use case that calls this."""
    stored = tx.identities.population(checked_population(population))
    indexes = [current for current, _ in identifier_indexes(center, stored, identifiers)]
    found = tx.identities.with_identifier(stored.name, indexes)
    return {
        identifier: found[index]
        for identifier, index in zip(identifiers, indexes, strict=True)
        if index in found
    }


def persons_with_identifiers(
    center: Center, tx: Transaction, *, population: str, identifiers: Sequence[Identifier]
) -> dict[Identifier, set[PersonId]]:
    """The persons that bear each identifier; more than one where a review case is due."""
    bearers = bearers_of(center, tx, population=population, identifiers=identifiers)
    rows = tx.identities.get(sorted({one for found in bearers.values() for one in found}))
    return {
        identifier: {rows[one].person for one in found} for identifier, found in bearers.items()
    }
