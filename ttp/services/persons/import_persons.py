"""Import persons: what another system held as one person stays one person, whatever the model would say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identities import Outcome, Registered
from ttp.core.persons import LOCAL, EdgeKind, NewEdge
from ttp.core.ports import Transaction
from ttp.services.persons.link_identities import link_identities
from ttp.services.persons.register_identities import register_identities


@dataclass(frozen=True, slots=True)
class BroughtPerson:
    """The records that a system held as one person, the preferred one first, or what is wrong with each."""

    records: tuple[Mapping[str, Any] | TTPError, ...]


def import_persons(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    system: str,
    persons: Sequence[BroughtPerson],
) -> list[list[Registered | TTPError]]:
    """Register the records without matching, and join those of one person by edges made by ``import:SYSTEM``.

    Records that were imported before change nothing and are not joined again: what staff decided since stands.
    A bad record is an error in its place; the others of its person are imported. At most 1,000 records in all.

    Raises:
        NotAllowed, WrongRole, InvalidField (source), TooManyItems: and nothing is changed.
    """
    flat = [record for person in persons for record in person.records]
    answers = iter(
        register_identities(center, tx, actor, source=source, records=flat, matching=False)
    )
    done = [[next(answers) for _ in person.records] for person in persons]
    edges = [edge for records in done for edge in _edges(records, system)]
    if edges:
        link_identities(center, tx, actor, population=LOCAL, edges=edges)
    return done


def _edges(records: Sequence[Registered | TTPError], system: str) -> list[NewEdge]:
    stored = [one for one in records if not isinstance(one, TTPError)]
    first = stored[0] if stored else None
    return [
        NewEdge(first.identity, one.identity, EdgeKind.SAME, f"import:{system}")
        for one in stored[1:]
        if first and Outcome.NEW in {one.outcome, first.outcome} and one.identity != first.identity
    ]
