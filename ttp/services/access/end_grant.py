"""End grants: a standing permission to resolve is listed with its use, and can end at once."""

from __future__ import annotations

from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.accounts import GrantUse
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf


def list_grants(center: Center, tx: Transaction, actor: Actor) -> list[GrantUse]:
    """All grants with what was used of them today, the newest first.

    Raises:
        NotAllowed: and nothing is told.
    """
    actor.require(Right.ADMINISTER)
    return tx.clients.uses(day=center.clock.now().date().isoformat())


def end_grant(center: Center, tx: Transaction, actor: Actor, *, grant_id: UUID) -> GrantUse:
    """Let a grant end now. One person may: it takes away and gives nothing.

    Raises:
        NotAllowed, NotFound: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    ended = tx.clients.end_grant(grant_id, at=center.clock.now())
    facts = {"client": ended.client, "grant": str(grant_id)}
    act = Act(EventKind.CLIENT_GRANT_ENDED, domain=ended.domain, facts=facts)
    record_leaf(center, tx, actor, act)
    return ended
