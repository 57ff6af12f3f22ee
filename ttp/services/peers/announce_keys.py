"""Announce keys: a center says by a signed statement which key follows which, and tells every peer that trusts it.

A new signing key is announced before it signs anything: until every trusted peer knows it, or a day is over, the
old one signs. A new transport key opens at once; the old one opens what was sealed before, then it is destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from keys.errors import KeysError
from keys.keyring import Purpose
from keys.recipients import TransportKey
from keys.signatures import SigningKey
from keys.succession import SignedStatement, Statement, StatementKind
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers
from ttp.core.key_statements import GRACE, MOST_STATEMENTS, OVERLAP, Announced
from ttp.core.peers import Peer, PeerRefused, PeerState
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import audit_signing_key

KINDS = {Purpose.SIGNING: StatementKind.SIGNING, Purpose.TRANSPORT: StatementKind.TRANSPORT}
T = TypeVar("T")


def announce_key(
    center: Center, tx: Transaction, actor: Actor, *, purpose: Purpose, version: int
) -> SignedStatement | None:
    """State that this version of the signing or transport key follows the present one.

    None while an announced signing key is not in use yet: who signs the next statement would not be clear.
    """
    announced, old = Announced.of(tx.statements.of(center.name)), audit_signing_key(center)
    if announced.signing and announced.signing.statement.new_key != old.public:
        return None
    secret = center.keyring.at(purpose, "", version).secret
    signing = SigningKey.from_secret(secret) if purpose is Purpose.SIGNING else None
    opening = TransportKey.from_secret(secret) if signing is None else None
    said = Statement(
        center=center.name,
        sequence=announced.sequence + 1,
        kind=KINDS[purpose],
        old_key=old.public,
        issued=int(center.clock.now().timestamp()),
        overlap_until=int((center.clock.now() + OVERLAP + GRACE).timestamp()),
        new_key=signing.public if signing else None,
        transport_key=opening.public if opening else None,
    )
    signed = said.sign(old, signing)
    keep_statement(center, tx, actor, signed, EventKind.KEY_ANNOUNCED)
    return signed


def keep_statement(
    center: Center, tx: Transaction, actor: Actor, signed: SignedStatement, event: EventKind
) -> None:
    """Store a statement, with a leaf that says so."""
    leaf, said = new_leaf_id(center), signed.statement
    tx.statements.add(signed, at=center.clock.now(), leaf=leaf)
    new = said.new_key.key_id if said.new_key else (said.transport_key or b"").hex()
    facts = {
        "center": said.center,
        "kind": said.kind.value,
        "old_key": said.old_key.key_id,
        "new_key": new,
    }
    act = Act(event, counts={"sequence": said.sequence}, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)


def everybody_knows(center: Center, tx: Transaction, *, kind: StatementKind) -> bool:
    """Whether every trusted peer has the newest statement of this kind, or its time is over."""
    statements = tx.statements.of(center.name)
    newest = [one.statement for one in statements if one.statement.kind is kind][-1:]
    return all(
        center.clock.now().timestamp() >= said.overlap_until - GRACE.total_seconds()
        or all(peer.acknowledged >= said.sequence for peer in _trusted(tx))
        for said in newest
    )


def overlap_is_over(center: Center, tx: Transaction, *, kind: StatementKind) -> bool:
    """Whether nobody has to be able to use the key before the newest of this kind any more."""
    statements = tx.statements.of(center.name)
    newest = [one.statement for one in statements if one.statement.kind is kind][-1:]
    return all(center.clock.now().timestamp() > said.overlap_until for said in newest)


def tell_peers(center: Center, peers: Peers) -> int:
    """Send every trusted peer the statements it does not have; returns how many peers got further.

    A peer that cannot be reached, or does not know our present key, fetches them itself.
    """
    own, known = _read(center, lambda tx: (tx.statements.of(center.name), _trusted(tx)))
    if not own:
        return 0
    return sum(_tell(center, peers, peer, own) for peer in known)


def _tell(center: Center, peers: Peers, peer: Peer, own: Sequence[SignedStatement]) -> bool:
    missing = [one for one in own if one.statement.sequence > peer.acknowledged][:MOST_STATEMENTS]
    if not missing:
        return False
    said = missing[0].statement
    revoked = said.kind is StatementKind.REVOKED
    sent = missing[:1] if revoked else missing
    key = _own_key(center, said.old_key.key_id) if revoked else None
    payload = {"statements": [one.document() for one in sent]}
    told = sent[-1].statement.sequence
    try:
        answer = peers.ask(peer, FederationPath.STATEMENTS, payload, key=key)
    except PeerRefused as refusal:
        if not (revoked and refusal.facts.get("peer_code") in _ENDED):
            return False
    except TTPError:
        return False
    else:
        known = answer.get("sequence")
        told = min(known, told) if isinstance(known, int) else peer.acknowledged
    center.work.run(lambda tx: tx.peer_keys.told(peer.name, told))
    return told > peer.acknowledged


_ENDED = frozenset({"key-revoked", "unknown-key", "key-not-of-center"})
"""What a peer answers to a revoked key: it was told already, or never trusted it."""


def _own_key(center: Center, key_id: str) -> SigningKey | None:
    """The signing key of this thumbprint, if it still exists."""
    for info in center.keyring.versions(Purpose.SIGNING):
        try:
            secret = center.keyring.at(Purpose.SIGNING, "", info.version).secret
        except KeysError:
            continue
        key = SigningKey.from_secret(secret)
        if key.key_id == key_id:
            return key
    return None


def _trusted(tx: Transaction) -> list[Peer]:
    return [peer for peer in tx.peers.all() if peer.state is PeerState.TRUSTED]


def _read(center: Center, step: Callable[[Transaction], T]) -> T:
    return center.work.run(step, write=False)
