"""Revoke the signing key: it is in wrong hands. A new one signs from now on; peers trust it only when persons pin it.

Whoever has the old key could name a successor of their own, so a revocation makes no key trusted: it ends the
trust in all keys of this center, at once. It is signed by the old key, whose last act it is.
"""

from __future__ import annotations

from dataclasses import replace

from keys.keyring import KeyState, Purpose
from keys.signatures import SigningKey
from keys.succession import SignedStatement, Statement, StatementKind
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.key_statements import Announced
from ttp.core.ports import Transaction
from ttp.core.rotation import RotationState, Step
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.peers.announce_keys import keep_statement

COMPROMISED = "key-compromised"


def revoke_signing_key(center: Center, actor: Actor) -> SignedStatement:
    """Revoke the present signing key, and sign with a new one; one person suffices. No transaction may be open.

    Afterwards `tell_peers` lets the peers know; those that cannot be reached fetch it.

    Raises:
        NotAllowed: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    old = audit_signing_key(center)
    if _announced_pending(center):
        center.keyring.rotate(Purpose.SIGNING)  # what the old key announced is no way out
    version = center.keyring.begin_next(Purpose.SIGNING).version
    new = SigningKey.from_secret(center.keyring.at(Purpose.SIGNING, "", version).secret)
    signed = center.work.run(lambda tx: _state(center, tx, actor, old, new))
    finish_revocation(center)
    return signed


def finish_revocation(center: Center) -> int:
    """Let the key that a revocation names sign, if that was interrupted; returns 1 if it was, else 0."""
    announced = center.work.run(lambda tx: Announced.of(tx.statements.of(center.name)), write=False)
    said = announced.signing.statement if announced.signing else None
    if said is None or said.kind is not StatementKind.REVOKED:
        return 0
    if audit_signing_key(center).public == said.new_key:
        return 0
    pending = center.keyring.pending(Purpose.SIGNING)
    if pending is None or SigningKey.from_secret(pending.secret).public != said.new_key:
        return 0
    center.keyring.rotate(Purpose.SIGNING)
    return 1


def _announced_pending(center: Center) -> bool:
    return any(info.state is KeyState.NEXT for info in center.keyring.versions(Purpose.SIGNING))


def _state(
    center: Center, tx: Transaction, actor: Actor, old: SigningKey, new: SigningKey
) -> SignedStatement:
    now = int(center.clock.now().timestamp())
    said = Statement(
        center=center.name,
        sequence=Announced.of(tx.statements.of(center.name)).sequence + 1,
        kind=StatementKind.REVOKED,
        old_key=old.public,
        issued=now,
        overlap_until=now,
        new_key=new.public,
    )
    signed = said.sign(old, new)
    keep_statement(center, tx, actor, signed, EventKind.KEY_REVOKED)
    for one in tx.rotations.all():
        if one.purpose is Purpose.SIGNING and one.state is not RotationState.DONE:
            done = replace(one, state=RotationState.DONE, step=Step.DONE, error=COMPROMISED)
            at = center.clock.now()
            tx.rotations.save(replace(done, changed_at=at, ended_at=at))
    return signed
