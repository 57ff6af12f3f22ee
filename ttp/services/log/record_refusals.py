"""Record refusals: refused requests are counted as they come and become one leaf per caller, code and minute."""

from __future__ import annotations

from datetime import timedelta

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf


def count_refusal(center: Center, tx: Transaction, *, actor: str, code: str) -> None:
    """Count one refused request of this minute."""
    tx.audit.count_refusal(center.clock.now().replace(second=0, microsecond=0), actor, code)


def record_refusals(center: Center) -> int:
    """Write leaves for all minutes that are over; returns how many. An idle center writes nothing."""
    over = center.clock.now() - timedelta(minutes=1)
    if not center.work.run(lambda tx: tx.audit.has_refusals(before=over), write=False):
        return 0
    return center.work.run(lambda tx: _record(center, tx))


def _record(center: Center, tx: Transaction) -> int:
    over = center.clock.now() - timedelta(minutes=1)
    refusals = tx.audit.take_refusals(before=over)
    for refusal in refusals:
        facts = {"actor": refusal.actor, "code": refusal.code, "minute": refusal.minute.isoformat()}
        record_leaf(
            center,
            tx,
            SYSTEM,
            Act(EventKind.REQUESTS_REFUSED, counts={"requests": refusal.count}, facts=facts),
        )
    return len(refusals)
