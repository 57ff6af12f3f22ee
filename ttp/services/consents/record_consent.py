"""Record consent: statements are added under the identity that brought them; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement, Provision
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def record_consent(
    center: Center, tx: Transaction, actor: Actor, statements: Sequence[ConsentStatement]
) -> int:
    """Store the statements; returns how many.

    Raises:
        NotAllowed: the actor may not record consent.
    """
    actor.require(Right.RECORD_CONSENT)
    leaf = new_leaf_id(center)
    tx.consents.add([(center.new_id(), statement) for statement in statements], leaf=leaf)
    denied = sum(statement.provision is Provision.DENY for statement in statements)
    act = Act(
        EventKind.CONSENT_RECORDED,
        counts={"statements": len(statements), "denied": denied},
        subjects=tuple(sorted({statement.identity.bytes for statement in statements})),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return len(statements)
