"""Expire pseudonyms: when their end has come their links are destroyed for good; the strings stay as tombstones."""

from __future__ import annotations

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.events import FeedKind
from ttp.core.ports import Transaction
from ttp.core.pseudonym_life import EXPIRED_AT_ONCE
from ttp.services.events.announce_event import announce
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def expire_pseudonyms(center: Center) -> int:
    """End what is due, up to 1,000 of each domain, a transaction and a leaf each; returns how many there were."""
    now = center.clock.now()
    due = center.work.run(lambda tx: tx.lives.due(now), write=False)
    ended = 0
    for name in due:
        with center.work.begin() as tx:
            ended += expire_in(center, tx, name)
    return ended


def expire_in(center: Center, tx: Transaction, domain_name: str) -> int:
    """End up to 1,000 pseudonyms of a domain that are due, with a leaf and an event; returns how many there were."""
    domain = tx.domains.get_for_writing(domain_name)
    leaf = new_leaf_id(center)
    ended = tx.lives.expire(domain, center.clock.now(), limit=EXPIRED_AT_ONCE, leaf=leaf)
    if ended:
        act = Act(
            EventKind.PSEUDONYMS_EXPIRED,
            domain=domain.name,
            counts={"ended": len(ended)},
            items=tuple(token.encode() for token in ended),
        )
        record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)
        items = [{"pseudonym": token} for token in ended]
        kind, project = FeedKind.EXPIRED, domain.project
        announce(center, tx, leaf, kind, domain=domain.name, items=items, project=project)
    return len(ended)
