"""Record an unsealing: who gave which share when becomes leaves as soon as there is a log to write to."""

from __future__ import annotations

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.unsealing import ACCEPTED, Attempt, Unsealed
from ttp.services.custody.fit_keys import remember_keyring
from ttp.services.log.record_leaf import Act, record_leaf


def record_unsealing(center: Center, tx: Transaction, opened: Unsealed) -> None:
    """One leaf for every attempt, and one for the center that begins to serve.

    Raises:
        KeysDoNotFit, KeyringOutdated, ClockBehind: nothing is recorded, and nothing may be served.
    """
    remember_keyring(center, tx)
    for attempt in opened.attempts:
        record_leaf(center, tx, SYSTEM, Act(EventKind.CUSTODY_SHARE_ENTERED, facts=_facts(attempt)))
    facts = {"custody": opened.custody}
    if opened.quorum:
        facts |= {"quorum": opened.quorum, "epoch": str(opened.epoch)}
    accepted = sum(attempt.outcome == ACCEPTED for attempt in opened.attempts)
    counts = {
        "accepted": accepted,
        "refused": len(opened.attempts) - accepted,
        "unrecorded": opened.dropped,
    }
    record_leaf(center, tx, SYSTEM, Act(EventKind.CENTER_UNSEALED, counts=counts, facts=facts))


def _facts(attempt: Attempt) -> dict[str, str]:
    return {
        "entered_at": attempt.at.isoformat(timespec="milliseconds"),
        "outcome": attempt.outcome,
        "custodian": attempt.custodian or "",
    }
