"""Split a person as somebody saw it: what was foreseen of one group of records is not done to another."""

from __future__ import annotations

from collections.abc import Collection

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.decisions import PersonChanged, Settled, Wish
from ttp.core.identity_life import UnknownPerson
from ttp.core.names import IdentityId, PersonId
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.services.cases.propose_decision import decide_or_propose


def split_person(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    person: PersonId,
    seen: Collection[IdentityId],
    leaving: Collection[IdentityId],
    reason: str,
) -> Settled:
    """Part the records ``leaving`` from the rest, if the person still has just the records ``seen``.

    Raises:
        NotAllowed, UnknownPerson, PersonChanged: and nothing is changed; and what ``decide_or_propose`` says.
    """
    actor.require(Right.REVIEW)
    members = tx.identities.members([person])
    if not members:
        raise UnknownPerson
    actor.require_population(Right.REVIEW, members[0].population)
    tx.identities.lock(members[0].population)
    present = {one.id for one in tx.identities.members([person])}
    if present != set(seen) or not set(leaving) <= present:
        raise PersonChanged
    wish = Wish(Verdict.SPLIT, reason, leaving=tuple(sorted(set(leaving))))
    return decide_or_propose(center, tx, actor, wish)
