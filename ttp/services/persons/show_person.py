"""Show a person: its identities, what joins them and what keeps others apart, and what came of it; on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identities import StoredVersion
from ttp.core.identity_life import UnknownPerson, by_preference, pins_of
from ttp.core.names import IdentityId, PersonId, PopulationName
from ttp.core.persons import Edge, IdentityKind, IdentityState, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import ReviewCase, checked_reason
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import open_contents


@dataclass(frozen=True, slots=True)
class Member:
    """One identity of the person. ``data`` is None for encodings; it is never stored or logged."""

    identity: IdentityId
    source: str
    version: int
    created_at: datetime
    data: IdentifyingData | None
    state: IdentityState = IdentityState.ACTIVE
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person, the preferred identity first.

    ``edges`` holds every edge there ever was, oldest first; ``cases`` all that asked about it.
    """

    person: PersonId
    population: PopulationName
    members: list[Member]
    edges: list[Edge]
    cases: list[ReviewCase]
    revealed: bool


def show_person(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    person: PersonId,
    reason: str | None = None,
) -> PersonView:
    """The person; with a ``reason`` the page may show the values in clear.

    Raises:
        NotAllowed, UnknownPerson, ReasonMissing: and nothing is answered.
    """
    actor.require(Right.READ_PERSON)
    purpose = None if reason is None else checked_reason(reason)
    identities = tx.identities.members([person])
    if not identities:
        raise UnknownPerson
    actor.require_population(Right.READ_PERSON, identities[0].population)
    ids = [one.id for one in identities]
    population = identities[0].population
    stored = list(tx.identities.versions(ids).values())
    if not stored:
        raise UnknownPerson  # only tombstones are left
    rows = by_preference(stored, pins_of(identities), tx.identity_life.sources(population))
    act = Act(
        EventKind.PERSON_SHOWN if purpose is None else EventKind.PERSON_REVEALED,
        domain=scope_of(population),
        purpose=purpose,
        counts={"identities": len(rows)},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act)
    edges, cases = tx.edges.history(ids), tx.review.touching(ids)
    members = _members(center, population, rows, pins_of(identities))
    return PersonView(person, population, members, edges, cases, purpose is not None)


def _members(
    center: Center,
    population: PopulationName,
    rows: list[StoredVersion],
    pins: Mapping[IdentityId, datetime | None],
) -> list[Member]:
    clear = [row for row in rows if row.kind is IdentityKind.CLEAR]
    opened = zip(clear, open_contents(center, population, clear), strict=True)
    data = {row.id: from_content(content) for row, content in opened}
    return [
        Member(
            row.id,
            row.source,
            row.version,
            row.created_at,
            data.get(row.id),
            row.state,
            pins.get(row.id) is not None,
        )
        for row in rows
    ]
