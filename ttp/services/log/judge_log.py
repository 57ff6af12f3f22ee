"""Judge the log: it has to hold every checkpoint of this center that is known outside of the database."""

from __future__ import annotations

from keys.randomness import equal
from keys.transparency import root_at
from ttp.core.center import Center
from ttp.core.log_standing import (
    AnchorInvalid,
    AnchorMissing,
    DatabaseOutdated,
    Doubt,
    Known,
    LogForked,
    LogInDoubt,
)
from ttp.core.ports import Transaction
from ttp.core.restores import Finding
from ttp.services.log.own_checkpoints import own_checkpoint

DOUBTS: dict[str, type[LogInDoubt]] = {
    doubt.code: doubt for doubt in (DatabaseOutdated, LogForked, AnchorMissing, AnchorInvalid)
}


def require_standing(center: Center, tx: Transaction) -> None:
    """Pass if the log holds the anchor and was not found in doubt before; for a center that is to be served.

    Raises:
        DatabaseOutdated, LogForked, AnchorMissing, AnchorInvalid: it does not.
        LogInDoubt: writing was stopped before.
    """
    for finding in (judge_anchor(center, tx), doubted(tx)):
        if finding is not None:
            raise finding.error


def require_writable(center: Center, tx: Transaction) -> None:
    """Pass if leaves may be written: every process judges the anchor once, and doubts every second.

    Raises:
        LogInDoubt: they may not.
    """
    if center.standing.needs_judgment:
        finding = judge_anchor(center, tx)
        if finding is not None:
            raise finding.error
        center.standing.judged()
    center.standing.require(tx.standing, now=center.clock.monotonic())


def judge_anchor(center: Center, tx: Transaction) -> Finding | None:
    """What the anchor of the home says against this database; a home that never had one says nothing."""
    note = center.anchor.read()
    if note is None:
        return Finding(AnchorMissing()) if tx.standing.anchored() else None
    checkpoint = own_checkpoint(center, note)
    if checkpoint is None:
        return Finding(AnchorInvalid())
    return contradiction(tx, Known(checkpoint.size, checkpoint.root))


def contradiction(tx: Transaction, known: Known) -> Finding | None:
    """What a checkpoint says against this log. One that two persons gave up says nothing."""
    size = tx.audit.size()
    if known.size <= size:
        if equal(root_at(known.size, tx.audit.node), known.root):
            return None
        error: LogInDoubt = LogForked(size=size, witnessed=known.size)
    else:
        error = DatabaseOutdated(size=size, witnessed=known.size)
    return None if tx.restores.is_lost(known.size, known.root) else Finding(error, known)


def doubted(tx: Transaction) -> Finding | None:
    """Why writing was stopped before, None if it was not."""
    doubt = tx.standing.doubt()
    if doubt is None:
        return None
    kind = DOUBTS.get(doubt.code, LogInDoubt)
    return Finding(kind(since=doubt.at.isoformat(timespec="seconds")), doubt.known)


def stop_writing(center: Center, finding: Finding) -> int:
    """Stop every process from writing until two persons accept; returns 1 if it was not stopped before."""
    return center.work.run(lambda tx: _stop(center, tx, finding))


def _stop(center: Center, tx: Transaction, finding: Finding) -> int:
    if tx.standing.doubt() is not None:
        return 0
    tx.standing.put_doubt(Doubt(finding.code, center.clock.now(), finding.known))
    return 1
