"""Check the log: leaves, nodes, checkpoints and the rows that name leaves have to fit, or somebody changed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from keys.randomness import random_below
from keys.transparency import HASH_LENGTH, GetNode, new_nodes, root_at
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.audit import StoredCheckpoint
from ttp.core.audit_export import header_line, leaf_line
from ttp.core.audit_verifier import ExportTampered, verify_export
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.log_check import LogCheck
from ttp.core.ports import Transaction
from ttp.services.log.export_audit import spread_checkpoints
from ttp.services.log.record_leaf import Act, record_leaf

BLOCK = 2_000
OVERLAP = 1_000
TAIL = 50_000
WHOLE_EVERY = timedelta(days=1)
SWEEP_EVERY = timedelta(hours=1)


def check_log(center: Center, actor: Actor) -> LogCheck:
    """Check the whole log and keep the result; that it was checked stands in the log. No transaction may be open.

    1. The log is what an export of it has to be: contiguous, each leaf bound to its subjects and its writer's
       last one, times in order, roots as in its checkpoints (``verify_export``).
    2. Every stored node is the one that the leaves make.
    3. Every row that names a leaf names one that exists.

    Raises:
        NotAllowed: and nothing is checked.
    """
    actor.require(Right.READ_AUDIT)
    with center.work.begin(write=False) as tx:
        newest = tx.audit.latest_checkpoint()
        flaw = _whole_flaw(center, tx, newest) if newest else None
        flaw = flaw or _orphan(tx)
    now = center.clock.now()
    check = LogCheck(now, newest.size if newest else 0, flaw, now, now)
    center.work.run(lambda tx: _keep(center, tx, actor, check))
    return check


def watch_log(center: Center) -> LogCheck:
    """Check what grew since the last time and a random block of the rest; once an hour all rows, once a day all.

    A flaw stays noted until the whole log is checked without one.
    """
    before = center.work.run(lambda tx: tx.log_checks.latest(), write=False)
    now = center.clock.now()
    if before is None or before.whole_at is None or now - before.whole_at >= WHOLE_EVERY:
        return check_log(center, SYSTEM)
    with center.work.begin(write=False) as tx:
        size, flaw = _tail_flaw(tx, before)
        sweep = before.swept_at is None or now - before.swept_at >= SWEEP_EVERY
        flaw = flaw or (_orphan(tx) if sweep else None) or before.flaw
    after = replace(
        before, at=now, size=size, flaw=flaw, swept_at=now if sweep else before.swept_at
    )
    if flaw != before.flaw:
        center.work.run(lambda tx: _keep(center, tx, SYSTEM, after))
    else:
        center.work.run(lambda tx: tx.log_checks.save(after))
    return after


def _keep(center: Center, tx: Transaction, actor: Actor, check: LogCheck) -> None:
    tx.log_checks.save(check)
    facts = {"flaw": check.flaw} if check.flaw else {}
    act = Act(EventKind.AUDIT_CHECKED, counts={"leaves": check.size}, facts=facts)
    record_leaf(center, tx, actor, act)


def _whole_flaw(center: Center, tx: Transaction, newest: StoredCheckpoint) -> str | None:
    try:
        verify_export(_lines(center, tx, newest), trust=None)
    except ExportTampered as error:
        return error.detail
    return _nodes_flaw(tx, 0, newest.size)


def _lines(center: Center, tx: Transaction, newest: StoredCheckpoint) -> Iterator[bytes]:
    yield header_line(center.origin, [newest, *spread_checkpoints(tx, newest.size)])
    for start in range(0, newest.size, BLOCK):
        yield from map(leaf_line, tx.audit.leaves(start, min(start + BLOCK, newest.size)))


def _tail_flaw(tx: Transaction, before: LogCheck) -> tuple[int, str | None]:
    """How far is checked now, and what is wrong in it."""
    newest = tx.audit.latest_checkpoint()
    covered = newest.size if newest else 0
    if newest is None and before.size == 0:
        return 0, None
    if newest is None or covered < before.size:
        return before.size, f"The log had {before.size} leaves and now has {covered}."
    start = max(0, before.size - OVERLAP)
    end = min(covered, start + TAIL)
    flaw = _leaves_flaw(tx, start, end)
    if flaw is None and end == covered and root_at(end, _nodes_of(tx)) != newest.root:
        flaw = f"The newest checkpoint does not cover the {end} leaves that are there."
    if flaw is None and end:
        block = random_below(end) // OVERLAP * OVERLAP
        flaw = _leaves_flaw(tx, block, min(end, block + OVERLAP))
    return end, flaw


def _leaves_flaw(tx: Transaction, start: int, end: int) -> str | None:
    """The leaves stand where they should, and the nodes above them are theirs."""
    places = [leaf.position for leaf in tx.audit.leaves(start, end)]
    for position, place in enumerate(places, start=start):
        if place != position:
            return f"Leaf {position} is missing."
    if len(places) < end - start:
        return f"Leaf {start + len(places)} is missing."
    return _nodes_flaw(tx, start, end)


def _nodes_flaw(tx: Transaction, start: int, end: int) -> str | None:
    for first in range(start, end, BLOCK):
        last = min(first + BLOCK, end)
        flaw = _block_flaw(tx, first, last)
        if flaw:
            return flaw
    return None


def _block_flaw(tx: Transaction, first: int, last: int) -> str | None:
    """Nodes that this block completes, made anew and compared with the stored ones."""
    leaves = [(leaf.id, leaf.hash()) for leaf in tx.audit.leaves(first, last)]  # never their bodies
    stored = {
        level: tx.log_checks.nodes(level, first >> level, last >> level)
        for level in range(last.bit_length())
    }
    made = new_nodes(first, [digest for _, digest in leaves], _nodes_of(tx))
    for level, index, digest in made:
        if stored[level].get(index) != digest:
            place = index << level
            name = f" ({leaves[place - first][0]})" if first <= place < last else ""
            what = "Leaf" if level == 0 else f"The tree of height {level} over leaf"
            return f"{what} {place}{name}: it is not the one that the log holds."
    return None


def _nodes_of(tx: Transaction) -> GetNode:
    """Reads nodes; one that was deleted is none that fits."""
    return lambda level, index: tx.log_checks.nodes(level, index, index + 1).get(
        index, bytes(HASH_LENGTH)
    )


def _orphan(tx: Transaction) -> str | None:
    orphan = tx.log_checks.orphan()
    if orphan is None:
        return None
    return f"Leaf {orphan.leaf} is missing: {orphan.table}.{orphan.column} names it."
