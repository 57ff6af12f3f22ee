"""Advance a rotation: one bounded unit of work at a time; killed anywhere, it is simply done again.

What is computed is computed outside of transactions. Every unit ends in one transaction that holds the rotation's
row, finds it as it was read and renews the lease, so that of two workers only one gets further.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from keys.blind_index import IndexEpoch
from keys.errors import EnvelopeRejected, KeyDestroyed
from keys.keyring import KeyState, Purpose
from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.keyed_rows import Scope
from ttp.core.ports import Transaction
from ttp.core.rotation import ANNOUNCED, BLOCK, Rotation, RotationState, Step
from ttp.services.custody.reindex_rows import reindexed
from ttp.services.custody.rewrap_rows import rewrapped
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.announce_keys import (
    KINDS,
    announce_key,
    everybody_knows,
    overlap_is_over,
)

LEASE_SECONDS = 30
STALE_SECONDS = 0.25
"""Longer than any process goes on with a snapshot of the keyring (100 ms)."""
DRAIN_SECONDS = 5.0
DAMAGED = "rows-damaged"
"""An envelope does not open, or its row has an index that is not its own."""

DESTROYED = "keys-destroyed"
"""A key that is needed was destroyed."""

Change = Callable[[Transaction], Rotation | None]
"""What to do in the unit's transaction: where the rotation then stands, or None if it could not get further."""


def advance_rotation(center: Center, *, rotation_id: UUID, holder: str, block: int = BLOCK) -> bool:
    """Do the next unit of work; False if there was nothing to do, or another worker has the lease."""
    rotation = center.work.run(lambda tx: tx.rotations.get(rotation_id), write=False)
    if rotation.state is not RotationState.RUNNING:
        return False
    scope = center.work.run(lambda tx: tx.scopes.scope(rotation.scope), write=False)
    try:
        change = _STEPS[rotation.step](center, rotation, scope, block)
    except EnvelopeRejected:
        change = _halting(center, rotation, DAMAGED)
    except KeyDestroyed:
        change = _halting(center, rotation, DESTROYED)
    return change is not None and center.work.run(
        lambda tx: _apply(center, tx, rotation, holder, change)
    )


def act_of(action: EventKind, rotation: Rotation) -> Act:
    """What leaves say about a rotation."""
    facts = {
        "purpose": rotation.purpose.value,
        "scope": rotation.scope,
        "step": rotation.step.value,
    }
    if rotation.new_version is not None:
        facts |= {"from": str(rotation.old_version), "to": str(rotation.new_version)}
    return Act(action, domain=rotation.scope or None, facts=facts)


def drained(center: Center, *, seconds: float = DRAIN_SECONDS) -> bool:
    """Wait until every transaction that is open now has ended; False if that takes too long."""
    end = center.clock.monotonic() + seconds
    waiting = center.work.run(lambda tx: tx.scopes.open_transactions(), write=False)
    while waiting:
        if center.clock.monotonic() >= end:
            return False
        center.clock.sleep(0.02)
        waiting &= center.work.run(lambda tx: tx.scopes.open_transactions(), write=False)
    return True


def _apply(
    center: Center, tx: Transaction, rotation: Rotation, holder: str, change: Change
) -> bool:
    lease = f"rotation:{rotation.id.hex}"
    if not tx.audit.take_lease(lease, holder, now=center.clock.now(), seconds=LEASE_SECONDS):
        return False
    if tx.rotations.get(rotation.id, hold=True) != rotation:
        return False
    after = change(tx)
    if after is None:
        return False
    tx.rotations.save(after)
    if after.step is not rotation.step or after.state is not rotation.state:
        record_leaf(center, tx, SYSTEM, act_of(EventKind(f"key.rotation-{_word(after)}"), after))
    return True


def _word(after: Rotation) -> str:
    return "halted" if after.error else "ended" if after.state is RotationState.DONE else "advanced"


def _begin(center: Center, rotation: Rotation, scope: Scope, _block: int) -> Change:
    """1. The next version exists; from the end of this transaction on all writers fill both slots."""
    new = center.keyring.begin_next(rotation.purpose, scope.name).version
    at = center.clock.now()
    if rotation.purpose is not Purpose.INDEX:
        old = center.keyring.active(rotation.purpose, scope.name).version
        if rotation.purpose in ANNOUNCED:
            return _announcing(center, replace(rotation, old_version=old, new_version=new))
        return lambda _tx: replace(rotation, old_version=old, new_version=new).next_step(at=at)
    total = center.work.run(lambda tx: tx.keyed_rows.count_indexed(scope), write=False)

    def dual(tx: Transaction) -> Rotation:
        epoch = tx.scopes.hold_epoch(scope)
        tx.scopes.set_epoch(scope, replace(epoch, next_version=new))
        begun = replace(rotation, old_version=epoch.current_version, new_version=new)
        return begun.next_step(at=at, total=total)

    return dual


def _backfill(center: Center, rotation: Rotation, scope: Scope, block: int) -> Change:
    """2. A block of rows gets its next index from what its envelopes hold."""
    at = center.clock.now()
    if rotation.part == len(scope.indexed):
        return lambda _tx: rotation.next_step(at=at, total=rotation.total)
    part = scope.indexed[rotation.part]
    with center.work.begin(write=False) as reading:
        epoch = reading.scopes.epoch(scope)
        rows = reading.keyed_rows.unindexed(scope, part, after=rotation.cursor, limit=block)
    nexts = reindexed(center, scope, epoch, part, rows)

    def fill(tx: Transaction) -> Rotation:
        tx.keyed_rows.fill(scope, part, rows, nexts)
        cursor = rows[-1].key if rows else None
        return rotation.advanced(rows=len(rows), cursor=cursor, at=at)

    return fill


def _swap(center: Center, rotation: Rotation, scope: Scope, _block: int) -> Change:
    """3. and 4. Nothing goes further while one next index is missing; then the slots change their parts.

    Counted twice: now, so that the second time, when writers wait, everything is at hand.
    """
    center.work.run(lambda tx: tx.keyed_rows.count_unindexed(scope), write=False)
    at = center.clock.now()

    def swap(tx: Transaction) -> Rotation:
        epoch = tx.scopes.hold_epoch(scope)
        if tx.keyed_rows.count_unindexed(scope) or epoch.next_version is None:
            return rotation.halted(error=DAMAGED, at=at)
        tx.scopes.set_epoch(scope, IndexEpoch(epoch.next_version, None, not epoch.turned))
        return rotation.next_step(at=at, total=rotation.total)

    return swap


def _drain(center: Center, rotation: Rotation, _scope: Scope, _block: int) -> Change | None:
    """Whoever read the epoch before the swap still looks into the old slot; it is left alone until they are gone."""
    _make_active(center, rotation)
    at = center.clock.now()
    return (
        (lambda _tx: rotation.next_step(at=at, total=rotation.total)) if drained(center) else None
    )


def _clear(center: Center, rotation: Rotation, scope: Scope, block: int) -> Change:
    """5. The old slot is emptied; then no row refers to the old version."""
    at = center.clock.now()

    def clear(tx: Transaction) -> Rotation:
        if rotation.part == len(scope.indexed):
            if tx.keyed_rows.count_stale(scope):
                return replace(rotation, part=0, cursor=None, changed_at=at)
            return rotation.next_step(at=at)
        part = scope.indexed[rotation.part]
        rows, cursor = tx.keyed_rows.clear(scope, part, after=rotation.cursor, limit=block)
        return rotation.advanced(rows=rows, cursor=cursor, at=at)

    return clear


def _activate(center: Center, rotation: Rotation, scope: Scope, _block: int) -> Change | None:
    """2. New envelopes name the new version once every process knows it and every open transaction has ended."""
    _make_active(center, rotation)
    at = center.clock.now()
    if rotation.purpose is not Purpose.SEAL:
        return lambda _tx: rotation.next_step(at=at)
    center.clock.sleep(STALE_SECONDS)
    if not drained(center):
        return None
    total = center.work.run(
        lambda tx: tx.keyed_rows.count_sealed(scope, except_version=rotation.new_version),
        write=False,
    )
    return lambda _tx: rotation.next_step(at=at, total=total)


def _rewrap(center: Center, rotation: Rotation, scope: Scope, block: int) -> Change:
    """3. A block of envelopes is opened and sealed anew; the rotation ends when none of another version is left."""
    at, version = center.clock.now(), rotation.new_version or 0
    if rotation.part == len(scope.sealed):

        def prove(tx: Transaction) -> Rotation:
            if tx.keyed_rows.count_sealed(scope, except_version=version):
                return replace(rotation, part=0, cursor=None, changed_at=at)
            return rotation.next_step(at=at)

        return prove
    part = scope.sealed[rotation.part]
    with center.work.begin(write=False) as reading:
        rows = reading.keyed_rows.sealed_otherwise(
            scope, part, version=version, after=rotation.cursor, limit=block
        )
    envelopes = rewrapped(center, scope, part, rows, version=version)

    def exchange(tx: Transaction) -> Rotation:
        tx.keyed_rows.rewrap(scope, part, rows, envelopes)
        cursor = rows[-1].key if rows else None
        return rotation.advanced(rows=len(rows), cursor=cursor, at=at)

    return exchange


def _announcing(center: Center, rotation: Rotation) -> Change:
    at, purpose = center.clock.now(), rotation.purpose

    def announce(tx: Transaction) -> Rotation | None:
        version = rotation.new_version or 0
        signed = announce_key(center, tx, SYSTEM, purpose=purpose, version=version)
        return rotation.next_step(at=at) if signed else None

    return announce


def _announce(center: Center, rotation: Rotation, _scope: Scope, _block: int) -> Change | None:
    """2. Nothing is signed with the new key before every trusted peer knows it, or the overlap is nearly over."""
    kind, at = KINDS[rotation.purpose], center.clock.now()
    if not center.work.run(lambda tx: everybody_knows(center, tx, kind=kind), write=False):
        return None
    return lambda _tx: rotation.next_step(at=at)


def _expire(center: Center, rotation: Rotation, scope: Scope, _block: int) -> Change | None:
    """3. What peers sealed to the old key before they knew the new one can be opened until the overlap is over."""
    kind, at = KINDS[rotation.purpose], center.clock.now()
    if not center.work.run(lambda tx: overlap_is_over(center, tx, kind=kind), write=False):
        return None
    center.keyring.destroy(rotation.purpose, scope.name, rotation.old_version or 0)
    return lambda _tx: rotation.next_step(at=at)


def _halting(center: Center, rotation: Rotation, error: str) -> Change:
    at = center.clock.now()
    return lambda _tx: rotation.halted(error=error, at=at)


def _make_active(center: Center, rotation: Rotation) -> None:
    """Let the keyring follow; a second time changes nothing."""
    versions = center.keyring.versions(rotation.purpose, rotation.scope)
    if versions[(rotation.new_version or 0) - 1].state is KeyState.NEXT:
        center.keyring.rotate(rotation.purpose, rotation.scope)


_STEPS: dict[Step, Callable[[Center, Rotation, Scope, int], Change | None]] = {
    Step.BEGIN: _begin,
    Step.BACKFILL: _backfill,
    Step.SWAP: _swap,
    Step.DRAIN: _drain,
    Step.CLEAR: _clear,
    Step.ACTIVATE: _activate,
    Step.REWRAP: _rewrap,
    Step.ANNOUNCE: _announce,
    Step.EXPIRE: _expire,
}
