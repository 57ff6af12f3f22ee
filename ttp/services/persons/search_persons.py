"""Search persons: by an identifier, a source's record, or by fields as registration would compare them; on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import Identifier, IdentifyingData, checked_record, from_content
from ttp.core.identities import StoredVersion
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL, IdentityKind, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.find_identities import find_identities
from ttp.services.persons.match_records import index_of
from ttp.services.persons.seal_identities import open_contents

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that fits, and how well in bits where fields were compared. ``data`` is never stored or logged."""

    person: PersonId
    source: str
    score: float | None
    data: IdentifyingData


def search_by_fields(
    center: Center, tx: Transaction, actor: Actor, *, fields: dict[str, str]
) -> list[FoundRecord]:
    """The records that registration would compare with these fields, best first, at most 50.

    Raises:
        NotAllowed, WrongRole, InvalidRecord: and nothing is answered.
    """
    actor.require_population(Right.READ_PERSON, LOCAL)
    require_local(center)
    data = checked_record(fields, today=center.clock.now().date())
    scores = _scores(center, tx, data)
    return _found(center, tx, actor, sorted(scores, key=lambda one: -scores[one]), scores)


def search_by_key(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    system: str,
    value: str,
) -> list[FoundRecord]:
    """The records that bear an identifier of this system, or that the source of this name calls so.

    Raises:
        NotAllowed, WrongRole: and nothing is answered.
    """
    actor.require_population(Right.READ_PERSON, LOCAL)
    require_local(center)
    if not _is_open(tx):
        return []
    rows = find_identities(
        center,
        tx,
        actor,
        population=LOCAL,
        records=[(system, value)],
        identifiers=[Identifier(system, value)],
    )
    return _found(center, tx, actor, [row.id for row in rows], {})


def _scores(center: Center, tx: Transaction, data: IdentifyingData) -> dict[IdentityId, float]:
    if not _is_open(tx):
        return {}
    index = index_of(center, tx, tx.identities.lock(LOCAL))
    query = index.entries([(IdentityId(center.new_id()), 1, data)])[0]
    model = index.model
    return {
        one.identity: model.explain(query.comparable, one.comparable, index.bearers).total
        for one in index.candidates([query])[0]
    }


def _is_open(tx: Transaction) -> bool:
    return any(population.name == LOCAL for population in tx.identities.populations())


def _found(
    center: Center,
    tx: Transaction,
    actor: Actor,
    order: Sequence[IdentityId],
    scores: dict[IdentityId, float],
) -> list[FoundRecord]:
    stored = tx.identities.versions(order[:MOST_FOUND])
    rows = [stored[one] for one in order[:MOST_FOUND] if stored[one].kind is IdentityKind.CLEAR]
    contents = open_contents(center, LOCAL, rows)
    _record(center, tx, actor, rows)
    return [
        FoundRecord(row.person, row.source, scores.get(row.id), from_content(content))
        for row, content in zip(rows, contents, strict=True)
    ]


def _record(center: Center, tx: Transaction, actor: Actor, rows: Sequence[StoredVersion]) -> None:
    act = Act(
        EventKind.PERSONS_SEARCHED,
        domain=scope_of(LOCAL),
        counts={"found": len(rows)},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
