"""Describe trust: the public keys by which others check this center's log, requests and releases.

Former keys are named with the time until which they signed: they verify what is old. A revoked one verifies only
what a later signature covers, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from keys.errors import NotSealedForUs
from keys.keyring import KeyState, Purpose
from keys.recipients import TransportKey
from keys.signatures import VerifyKey
from keys.succession import FormerKey, SignedStatement, StatementKind
from ttp.core.center import Center
from ttp.core.key_statements import Announced
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.log.sequence_leaves import audit_signing_key

TRUST_VERSION = 1


def describe_trust(center: Center, witnesses: Sequence[Peer] = ()) -> dict[str, Any]:
    """The trust file of this center, with the keys of the peers that witness its log. No transaction may be open."""
    return center.work.run(lambda tx: _described(center, tx, witnesses), write=False)


def trusted_witnesses(tx: Transaction) -> list[Peer]:
    """The trusted peers that co-sign this center's checkpoints, by name."""
    return [peer for peer in tx.peers.all() if peer.witness and peer.state is PeerState.TRUSTED]


def transport_key(center: Center) -> TransportKey:
    """The X25519 key to which peers seal what only this center may read."""
    center.keyring.ensure(Purpose.TRANSPORT)
    return TransportKey.from_secret(center.keyring.active(Purpose.TRANSPORT).secret)


def open_sealed(center: Center, sealed: bytes, *, context: bytes) -> bytes:
    """What a peer sealed to any transport key of this center that was not destroyed, the newest first.

    Raises:
        NotSealedForUs: none of them opens it.
    """
    center.keyring.ensure(Purpose.TRANSPORT)
    for info in reversed(center.keyring.versions(Purpose.TRANSPORT)):
        if info.state is KeyState.DESTROYED:
            continue
        secret = center.keyring.at(Purpose.TRANSPORT, "", info.version).secret
        try:
            return TransportKey.from_secret(secret).open(sealed, context=context)
        except NotSealedForUs:
            continue
    raise NotSealedForUs("the sealed message opens with no transport key of this center")


def _described(center: Center, tx: Transaction, witnesses: Sequence[Peer]) -> dict[str, Any]:
    key, statements = audit_signing_key(center).public, tx.statements.of(center.name)
    return {
        "version": TRUST_VERSION,
        "centers": [
            {
                "name": center.name,
                "origin": center.origin,
                "url": center.public_url,
                **_key(key),
                "transport_key": _transport(center, statements).hex(),
                "statements": _accounted(statements, key),
                "former_keys": _own_former(statements, key),
            }
        ],
        "witnesses": [
            {
                "name": witness.name,
                "origin": witness.origin,
                **_key(witness.key),
                "statements": witness.statements,
                "former_keys": [_former(one) for one in tx.peers.former_keys(witness.name)],
            }
            for witness in witnesses
        ],
    }


def _key(key: VerifyKey) -> dict[str, Any]:
    return {"signing_key": key.to_jwk(), "key_id": key.key_id}


def _former(former: FormerKey, *, revoked: bool = False) -> dict[str, Any]:
    until = datetime.fromtimestamp(former.until, UTC).isoformat()
    return {**_key(former.key), "until": until, "revoked": revoked}


def _accounted(statements: Sequence[SignedStatement], key: VerifyKey) -> int:
    """The last statement that the present key accounts for: one that announces its successor is not among them."""
    announced = Announced.of(statements)
    newest = announced.signing.statement if announced.signing else None
    if newest is not None and newest.new_key != key:
        return newest.sequence - 1
    return announced.sequence


def _transport(center: Center, statements: Sequence[SignedStatement]) -> bytes:
    newest = Announced.of(statements).transport
    stated = newest.statement.transport_key if newest else None
    return stated or transport_key(center).public


def _own_former(statements: Sequence[SignedStatement], key: VerifyKey) -> list[dict[str, Any]]:
    """Every signing key this center ever stated but the present one; a revocation ends what was announced, too."""
    former: dict[VerifyKey, dict[str, Any]] = {}
    announced = key
    for said in (one.statement for one in statements):
        if said.new_key is None:
            continue
        revoked = said.kind is StatementKind.REVOKED
        for one in (said.old_key, announced) if revoked else (said.old_key,):
            former[one] = _former(FormerKey(one, said.overlap_until), revoked=revoked)
        announced = said.new_key
    return [entry for one, entry in former.items() if one != key]
