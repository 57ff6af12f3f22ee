"""Describe trust: the public keys by which others check this center's log, requests and releases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keys.keyring import Purpose
from keys.recipients import TransportKey
from ttp.core.center import Center
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.sequence_leaves import audit_signing_key

TRUST_VERSION = 1


def describe_trust(center: Center, witnesses: Sequence[Peer] = ()) -> dict[str, Any]:
    """The trust file of this center, with the keys of the peers that witness its log."""
    key = audit_signing_key(center)
    return {
        "version": TRUST_VERSION,
        "centers": [
            {
                "name": center.name,
                "origin": center.origin,
                "url": center.public_url,
                "signing_key": key.public.to_jwk(),
                "key_id": key.key_id,
                "transport_key": transport_key(center).public.hex(),
            }
        ],
        "witnesses": [
            {
                "name": witness.name,
                "origin": witness.origin,
                "signing_key": witness.key.to_jwk(),
                "key_id": witness.key.key_id,
            }
            for witness in witnesses
        ],
    }


def trusted_witnesses(tx: Transaction) -> list[Peer]:
    """The trusted peers that co-sign this center's checkpoints, by name."""
    return [peer for peer in tx.peers.all() if peer.witness and peer.state is PeerState.TRUSTED]


def transport_key(center: Center) -> TransportKey:
    """The X25519 key to which peers seal what only this center may read."""
    center.keyring.ensure(Purpose.TRANSPORT)
    return TransportKey.from_secret(center.keyring.active(Purpose.TRANSPORT).secret)
