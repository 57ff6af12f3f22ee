"""Look up persons: by what a source calls a record, by an external identifier, or by an ID; no identifying data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import Identifier
from ttp.core.identities import MAXIMAL_RECORDS
from ttp.core.identity_life import UnknownIdentity, UnknownPerson
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL, Identity, IdentityState, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.find_identities import Record, bearers_of, identities_of_records

Named = Record | Identifier | IdentityId
"""How an identity is named: (source, record ID), an identifier it bears, or its ID."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person and its identities, oldest first."""

    person: PersonId
    identities: tuple[Identity, ...]


def look_up_persons(
    center: Center, tx: Transaction, actor: Actor, *, asked: Sequence[Named]
) -> list[list[FoundPerson]]:
    """The persons behind each name, in the order asked: none, one, or several that bear one identifier.

    Raises:
        NotAllowed, WrongRole, TooManyItems: and nothing is answered.
    """
    found = _found(center, tx, actor, Right.READ_PERSON, asked)
    wanted = sorted({one.person for rows in found for one in rows})
    members: dict[PersonId, list[Identity]] = {person: [] for person in wanted}
    for one in sorted(tx.identities.members(wanted), key=lambda row: row.ordinal):
        if one.state is not IdentityState.DELETED:
            members[one.person].append(one)
    act = Act(
        EventKind.IDENTITIES_FOUND,
        domain=scope_of(LOCAL),
        counts={"asked": len(asked), "found": sum(map(bool, found))},
        subjects=tuple(sorted({one.id.bytes for rows in found for one in rows})),
    )
    record_leaf(center, tx, actor, act)
    return [
        [
            FoundPerson(person, tuple(members[person]))
            for person in dict.fromkeys(one.person for one in rows)
        ]
        for rows in found
    ]


def named_identities(
    center: Center, tx: Transaction, actor: Actor, right: Right, *, asked: Sequence[Named]
) -> list[IdentityId]:
    """The one identity of each name, for a use case that needs this right and leaves its own leaf.

    Raises:
        NotAllowed, WrongRole, TooManyItems: nothing is told. UnknownIdentity: a name is nobody's, or several bear it.
    """
    found = _found(center, tx, actor, right, asked)
    if any(len(rows) != 1 for rows in found):
        raise UnknownIdentity
    return [rows[0].id for rows in found]


def named_person(
    center: Center, tx: Transaction, actor: Actor, right: Right, *, asked: Named
) -> PersonId:
    """The one person behind a name; see ``named_identities``.

    Raises:
        NotAllowed, WrongRole: nothing is told. UnknownPerson: the name is nobody's, or several bear it.
    """
    (rows,) = _found(center, tx, actor, right, [asked])
    persons = {one.person for one in rows}
    if len(persons) != 1:
        raise UnknownPerson
    return persons.pop()


def _found(
    center: Center, tx: Transaction, actor: Actor, right: Right, asked: Sequence[Named]
) -> list[list[Identity]]:
    actor.require_population(right, LOCAL)
    require_local(center)
    if len(asked) > MAXIMAL_RECORDS:
        raise TooManyItems(f"A request names at most {MAXIMAL_RECORDS} records.")
    if not any(population.name == LOCAL for population in tx.identities.populations()):
        return [[] for _ in asked]
    records = [one for one in asked if isinstance(one, tuple)]
    of_records = identities_of_records(center, tx, population=LOCAL, records=records)
    borne = [one for one in asked if isinstance(one, Identifier)]
    of_bearers = bearers_of(center, tx, population=LOCAL, identifiers=borne)
    named: list[list[IdentityId]] = []
    for one in asked:
        if isinstance(one, Identifier):
            named.append(of_bearers.get(one, []))
        elif isinstance(one, tuple):
            named.append([of_records[one]] if one in of_records else [])
        else:
            named.append([one])
    rows = tx.identities.get(sorted({one for several in named for one in several}))
    return [
        [rows[one] for one in several if one in rows and _is_held(rows[one])] for several in named
    ]


def _is_held(one: Identity) -> bool:
    return one.population == LOCAL and one.state is not IdentityState.DELETED
