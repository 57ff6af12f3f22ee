"""Show a history: everything that ever was of a person's identities, oldest first; it goes on record who looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identity_life import IdentityChange
from ttp.core.names import IdentityId, PersonId
from ttp.core.ports import Transaction
from ttp.core.review import Decision
from ttp.services.persons.seal_identities import open_history
from ttp.services.persons.show_person import PersonView, show_person


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """What a source said from then on. ``data`` is never stored or logged."""

    identity: IdentityId
    number: int
    at: datetime
    data: IdentifyingData


@dataclass(frozen=True, slots=True)
class History:
    """A person with all that ever was: versions, changes of state, decisions; edges and cases are in the view."""

    view: PersonView
    versions: Sequence[ShownVersion]
    changes: Sequence[IdentityChange]
    decisions: Sequence[Decision]


def show_history(
    center: Center, tx: Transaction, actor: Actor, *, person: PersonId, reason: str | None = None
) -> History:
    """The history of a person; with a ``reason`` its values may be shown in clear.

    Raises:
        NotAllowed, UnknownPerson, ReasonMissing: and nothing is answered.
    """
    view = show_person(center, tx, actor, person=person, reason=reason)
    ids = [one.identity for one in view.members]
    clear = [one.identity for one in view.members if one.data is not None]
    decisions = tx.review.decisions([case.id for case in view.cases])
    return History(
        view,
        [version for one in clear for version in _versions(center, tx, view, one)],
        tx.identity_life.changes(ids),
        [one for one in decisions if any(set(pair) & set(ids) for pair in one.pairs)],
    )


def _versions(
    center: Center, tx: Transaction, view: PersonView, identity: IdentityId
) -> list[ShownVersion]:
    history = tx.identities.history(identity)
    envelopes = {number: envelope for number, _, envelope in history}
    opened = open_history(center, view.population, identity, envelopes)
    return [
        ShownVersion(identity, number, at, from_content(opened[number]))
        for number, at, _ in history
    ]
