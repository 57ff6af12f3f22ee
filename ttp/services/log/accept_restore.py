"""Accept a restore: two persons agree to go on with something older, and the log begins with saying so.

What they accept is exactly what both were shown. What was lost is written into the log; keys that the database says
were destroyed are destroyed again before anything is served with an older keyring.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from ttp.core.access import Actor, Right
from ttp.core.audit import StoredCheckpoint
from ttp.core.center import Center
from ttp.core.center_identity import KeyringOutdated
from ttp.core.errors import AuditUnavailable
from ttp.core.event_kinds import EventKind
from ttp.core.federation import Peers
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.core.restores import (
    Finding,
    KeysMissing,
    NothingToAccept,
    Restore,
    Restored,
    RestoreReason,
    require_person,
)
from ttp.services.custody.find_missing_keys import destroyed_keys, missing_keys
from ttp.services.custody.fit_keys import keep_keyring_known, require_keyring
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.judge_log import contradiction, doubted, judge_anchor
from ttp.services.log.keep_anchor import move_anchor
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import LEASE_SECONDS, await_checkpoint
from ttp.services.peers.hear_witnesses import Heard, hear_witnesses, trusted_peers
from ttp.services.peers.note_peer_log import cosigned_at

HEARING_SECONDS = 10.0


def look_at_restore(center: Center, peers: Peers) -> Restored:
    """What contradicts database and keyring: the home, earlier doubts, and all peers that answer within ten seconds.

    Raises:
        KeysDoNotFit: the database was written with another keyring; nobody can accept that.
    """
    heard = hear_witnesses(center, peers, seconds=HEARING_SECONDS)
    return center.work.run(lambda tx: _look(center, tx, heard), write=False)


def accept_restore(
    center: Center, actor: Actor, *, seen: Restored, reason: RestoreReason
) -> Restore:
    """Accept what was seen: the first person asks, the second one makes it so. No transaction may be open.

    Call ``center.standing.overrule()`` before: this is the process that may write in spite of the doubts.

    Raises:
        NotAllowed, SecondPersonNeeded, NothingToAccept, KeysMissing: and nothing is changed.
        AuditUnavailable: it is accepted, but no checkpoint covers it yet.
    """
    actor.require(Right.APPROVE)
    require_person(actor, alone=center.alone)
    done = center.work.run(lambda tx: _decide(center, tx, actor, seen, reason))
    if done.accepted_at is None or done.leaf is None:
        return done
    if KeyringOutdated.code in done.codes.split():
        renew_keyring(center)
    keep_keyring_known(center)
    move_anchor(center, _covering(center, done.leaf))
    return done


def renew_keyring(center: Center) -> int:
    """Destroy again what the database says is destroyed, and leave older generations behind; returns how many keys.

    Keys that were drawn after a destruction stay: only what the keyring held at that time is destroyed.
    """
    with center.work.begin(write=False) as tx:
        known = tx.center_identity.get()
        destroyed = [one for one in tx.destructions.all() if one.destroyed_at is not None]
    count = 0
    for one in destroyed:
        until = one.destroyed_at.timestamp() * 1000 if one.destroyed_at else 0
        for info in center.keyring.all_versions():
            whole = one.purpose is None and info.created_ms <= until
            if info.domain == one.scope and (
                whole or (info.purpose, info.version) == (one.purpose, one.version)
            ):
                count += info.destroyed_ms is None
                center.keyring.destroy(info.purpose, info.domain, info.version)
    if known is not None:
        center.keyring.outgrow(known.generation)
    return count


def _covering(center: Center, leaf: LeafId) -> StoredCheckpoint:
    """The checkpoint over the leaf. A worker that ended without giving its lease back is waited for."""
    for _ in range(LEASE_SECONDS):
        sequence_now(center)
        with contextlib.suppress(AuditUnavailable):
            return await_checkpoint(center, leaf, seconds=1.0)
    return await_checkpoint(center, leaf)


def _look(center: Center, tx: Transaction, heard: Heard) -> Restored:
    findings = [
        _keyring(center, tx),
        judge_anchor(center, tx),
        doubted(tx),
        *(contradiction(tx, known) for known in heard.known),
    ]
    return Restored(
        tx.audit.size(),
        tx.audit.newest_at(),
        tuple(_dated(center, tx, finding) for finding in findings if finding is not None),
        tuple(heard.unheard),
        tuple(destroyed_keys(center, tx)),
    )


def _dated(center: Center, tx: Transaction, finding: Finding) -> Finding:
    """The finding, with the time at which a trusted witness co-signed the anchor."""
    known, note = finding.known, center.anchor.read()
    if known is None or known.witness or note is None:
        return finding
    times = [cosigned_at(note, peer.origin, peer.key) for peer in trusted_peers(tx)]
    at = max((time for time in times if time is not None), default=None)
    return replace(finding, known=replace(known, at=at))


def _keyring(center: Center, tx: Transaction) -> Finding | None:
    try:
        require_keyring(center, tx)
    except KeyringOutdated as error:
        return Finding(error)
    return None


def _decide(
    center: Center, tx: Transaction, actor: Actor, seen: Restored, reason: RestoreReason
) -> Restore:
    if not seen.findings:
        raise NothingToAccept
    if KeyringOutdated.code in seen.codes.split():
        _require_keys(center, tx)
    now = center.clock.now()
    open_one = tx.restores.newest()
    if open_one is None or not open_one.waits(digest=seen.digest, at=now):
        open_one = _asked(center, tx, actor, seen, reason)
        if not center.alone:
            return open_one
    done = open_one.accepted(by=actor.name, at=now, leaf=new_leaf_id(center), alone=center.alone)
    tx.restores.save(done)
    tx.restores.give_up(done.id, seen.lost)
    tx.standing.put_doubt(None)
    tx.standing.put_anchored(now)
    _record(center, tx, actor, done, seen)
    return done


def _require_keys(center: Center, tx: Transaction) -> None:
    missing = missing_keys(center, tx)
    if missing:
        raise KeysMissing(f"The older keyring lacks: {', '.join(missing)}.", keys=missing)


def _asked(
    center: Center, tx: Transaction, actor: Actor, seen: Restored, reason: RestoreReason
) -> Restore:
    asked = Restore(
        center.new_id(),
        seen.codes,
        seen.digest,
        seen.size,
        seen.lost_size,
        reason,
        actor.name,
        center.clock.now(),
    )
    tx.restores.save(asked)
    facts = {"codes": asked.codes, "reason": reason.value}
    record_leaf(center, tx, actor, Act(EventKind.RESTORE_REQUESTED, facts=facts))
    return asked


def _record(center: Center, tx: Transaction, actor: Actor, done: Restore, seen: Restored) -> None:
    facts = {
        "codes": done.codes,
        "reason": done.reason.value,
        "requested_by": done.requested_by,
        "unheard": " ".join(seen.unheard),
    }
    for number, known in enumerate(seen.lost, start=1):
        facts[f"lost_{number}"] = f"{known.size} {known.root.hex()} {known.witness}".strip()
    counts = {"from": done.size, "lost": max(0, done.lost_size - done.size)}
    act = Act(EventKind.CENTER_RESTORED, approval=str(done.id), counts=counts, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=done.leaf)
