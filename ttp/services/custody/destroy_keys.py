"""Destroy keys: asked for by one person, approved by another, done for good, answered once a checkpoint covers it.

A version goes only when it is retired and no row refers to it. All keys of a domain go together: its pseudonyms
stand, what they stood for and whom its audit leaves concern can never be read again. Killed between approval and
effect, the worker finishes it.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from keys.keyring import KeyState, Purpose
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.approvals import Approval, ApprovalKind, ApprovalState
from ttp.core.center import Center
from ttp.core.errors import Conflict, InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.key_destruction import KeyDestruction, KeyInUse
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.core.rotation import STEPS, NotRotatable, RotationState
from ttp.services.approvals.settle_approval import (
    Asked,
    finish_approval,
    grant_approval,
    refuse_approval,
    request_approval,
)
from ttp.services.custody.advance_rotation import DESTROYED, STALE_SECONDS, drained
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import await_checkpoint


def request_destruction(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    scope: str,
    purpose: Purpose | None = None,
    version: int | None = None,
) -> KeyDestruction:
    """Ask for the destruction of one retired key version, or of all keys of a domain.

    Raises:
        NotAllowed, UnknownDomain, UnknownPopulation, InvalidField, NotRotatable, KeyInUse: and nothing is changed.
    """
    actor.require(Right.ADMINISTER, scope)
    if (purpose is None) != (version is None):
        raise InvalidField("Name a purpose and a version, or neither.")
    found = tx.scopes.scope(scope)
    if purpose is None and found.domain_id is None:
        raise InvalidField("All keys at once are destroyed of domains only.")
    now = center.clock.now()
    asked = KeyDestruction(center.new_id(), found.name, actor.name, now, purpose, version)
    _require_unused(center, tx, asked)
    tx.destructions.add(asked)
    wish = Asked(ApprovalKind.KEY_DESTRUCTION, asked.facts, id=asked.id)
    request_approval(center, tx, actor, wish)
    record_leaf(center, tx, actor, Act(EventKind.KEYS_DESTRUCTION_REQUESTED, facts=asked.facts))
    return asked


def approve_destruction(center: Center, actor: Actor, *, destruction_id: UUID) -> KeyDestruction:
    """Destroy what was asked for; answered only once a checkpoint covers its leaf. No transaction may be open.

    Raises:
        NotAllowed, UnknownDestruction, Conflict, SecondPersonNeeded, KeyInUse: and nothing is changed.
        AuditUnavailable: the keys are gone, but no checkpoint covers it yet.
    """
    actor.require(Right.APPROVE)
    center.work.run(lambda tx: _approve(center, tx, actor, destruction_id))
    destroyed = finish_destruction(center, destruction_id=destruction_id)
    sequence_now(center)
    await_checkpoint(center, LeafId(destroyed.leaf or destroyed.id))
    return destroyed


def refuse_destruction(
    center: Center, tx: Transaction, actor: Actor, *, destruction_id: UUID
) -> None:
    """Turn the request down.

    Raises:
        NotAllowed, UnknownDestruction, Conflict: and nothing is changed.
    """
    actor.require(Right.APPROVE)
    tx.destructions.get(destruction_id, hold=True)
    refused = refuse_approval(center, tx, actor, approval_id=destruction_id)
    drop_destruction(center, tx, actor, refused)


def drop_destruction(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> None:
    """What becomes of a destruction that nobody approved: a leaf; the keys stay."""
    facts = tx.destructions.get(asked.id).facts
    act = Act(EventKind.KEYS_DESTRUCTION_REFUSED, approval=str(asked.id), facts=facts)
    record_leaf(center, tx, actor, act)


def finish_destruction(center: Center, *, destruction_id: UUID) -> KeyDestruction:
    """Make what was approved happen; repeating it changes nothing. No transaction may be open.

    Raises:
        Conflict: it is not approved, or transactions that may use the key do not end.
        KeyInUse: a row refers to the version after all.
    """
    asked = center.work.run(lambda tx: tx.destructions.get(destruction_id), write=False)
    if asked.destroyed_at is not None:
        return asked
    if asked.decided_at is None:
        raise Conflict("Nobody has approved this.")
    if asked.purpose is None or asked.version is None:
        center.keyring.destroy_domain(asked.scope)
    else:
        if not drained(center):
            raise Conflict("Some transactions are still open; ask again.")
        center.work.run(lambda tx: _require_unused(center, tx, asked), write=False)
        center.keyring.destroy(asked.purpose, asked.scope, asked.version)
    center.clock.sleep(STALE_SECONDS)  # until every process has noticed
    return center.work.run(lambda tx: _record(center, tx, destruction_id))


def finish_destructions(center: Center) -> int:
    """Finish what was approved and then interrupted; returns how many were finished.

    One that has to wait, for a rotation or for open transactions, holds up neither these nor the others.
    """
    known = center.work.run(lambda tx: tx.destructions.all(), write=False)
    waiting = [one.id for one in known if one.decided_at is not None and one.destroyed_at is None]
    return sum(_is_finished(center, one) for one in waiting)


def _is_finished(center: Center, destruction_id: UUID) -> bool:
    try:
        finish_destruction(center, destruction_id=destruction_id)
    except Conflict:
        return False
    return True


def references(tx: Transaction, *, purpose: Purpose, scope: str, version: int) -> int:
    """How many rows refer to a key version. Leaves are not counted: without their key they are anonymous.

    Raises:
        NotRotatable: nobody can tell.
    """
    found = tx.scopes.scope(scope)
    match purpose:
        case Purpose.INDEX:
            epoch = tx.scopes.epoch(found)
            if version in {epoch.current_version, epoch.next_version}:
                return max(1, tx.keyed_rows.count_indexed(found))
            return 0 if epoch.writes_both else tx.keyed_rows.count_stale(found)
        case Purpose.SEAL:
            return tx.keyed_rows.count_sealed(found, version=version)
        case Purpose.CLIENT:
            return tx.keyed_rows.count_clients(version=version)
        case Purpose.SESSION:
            return tx.keyed_rows.count_answers(version=version)
        case Purpose.AUDIT:
            return 0
        case _:
            raise NotRotatable


def _require_unused(center: Center, tx: Transaction, asked: KeyDestruction) -> None:
    if asked.purpose is None or asked.version is None:
        return
    if asked.purpose not in STEPS:
        raise NotRotatable
    infos = center.keyring.versions(asked.purpose, asked.scope)
    if not 1 <= asked.version <= len(infos):
        raise InvalidField("There is no such key version.")
    rotating = any(
        (one.purpose, one.scope) == (asked.purpose, asked.scope)
        for one in tx.rotations.all()
        if one.state is not RotationState.DONE
    )
    if rotating or infos[asked.version - 1].state not in {KeyState.RETIRED, KeyState.DESTROYED}:
        raise KeyInUse
    rows = references(tx, purpose=asked.purpose, scope=asked.scope, version=asked.version)
    if rows:
        raise KeyInUse(rows=rows)


def _approve(center: Center, tx: Transaction, actor: Actor, destruction_id: UUID) -> None:
    asked = tx.destructions.get(destruction_id, hold=True)
    granted = grant_approval(
        center,
        tx,
        actor,
        approval_id=destruction_id,
        kind=ApprovalKind.KEY_DESTRUCTION,
        carried_out=False,
    )
    _require_unused(center, tx, asked)
    decided = replace(asked, decided_by=actor.name, decided_at=granted.decided_at)
    tx.destructions.save(decided)
    act = Act(EventKind.KEYS_DESTRUCTION_APPROVED, approval=str(asked.id), facts=asked.facts)
    record_leaf(center, tx, actor, act)


def _record(center: Center, tx: Transaction, destruction_id: UUID) -> KeyDestruction:
    asked = tx.destructions.get(destruction_id, hold=True)
    if asked.destroyed_at is not None:
        return asked
    leaf = new_leaf_id(center)
    done = replace(
        asked,
        fingerprint=center.keyring.fingerprint(),
        generation=center.keyring.generation(),
        destroyed_at=center.clock.now(),
        leaf=leaf,
    )
    tx.destructions.save(done)
    _finish(center, tx, destruction_id)
    if asked.purpose is None:
        _halt_rotations(center, tx, asked.scope)
    facts = {
        **asked.facts,
        "keyring": done.fingerprint or "",
        "generation": str(done.generation),
        "requested_by": asked.requested_by,
        "approved_by": asked.decided_by or "",
    }
    act = Act(EventKind.KEYS_DESTROYED, approval=str(asked.id), facts=facts)
    record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)
    return done


def _finish(center: Center, tx: Transaction, destruction_id: UUID) -> None:
    approval = tx.approvals.get(destruction_id)
    if approval.state is ApprovalState.APPROVED:
        finish_approval(center, tx, approval)


def _halt_rotations(center: Center, tx: Transaction, scope: str) -> None:
    for rotation in tx.rotations.running():
        if rotation.scope == scope:
            tx.rotations.save(rotation.halted(error=DESTROYED, at=center.clock.now()))
