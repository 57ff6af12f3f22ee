"""Ask a peer: only a trusted one, with a signed request, and only an answer proven to be its own is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttp.core.center import Center
from ttp.core.federation import FederationPath, Peers
from ttp.core.peers import Peer, PeerNotTrusted, PeerState
from ttp.core.ports import Transaction
from ttp.services.peers.require_witnessed import require_witnessed


def ask_peer(
    center: Center, peers: Peers, *, name: str, path: FederationPath, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Send the payload to the named peer and give its verified answer. No transaction may be open.

    Raises:
        UnknownPeer, PeerNotTrusted, PeerNotWitnessed: nothing was sent.
        PeerUnreachable, PeerAnswerRejected, PeerRefused: see ``Peers.ask``.
    """
    peer = center.work.run(lambda tx: witnessed_peer(center, tx, name), write=False)
    return peers.ask(peer, path, payload)


def witnessed_peer(center: Center, tx: Transaction, name: str) -> Peer:
    """The peer, if it is trusted now and somebody witnesses its log.

    Raises:
        UnknownPeer, PeerNotTrusted, PeerNotWitnessed: otherwise.
    """
    return require_witnessed(center, tx, trusted_peer(tx, name))


def trusted_peer(tx: Transaction, name: str) -> Peer:
    """The peer, if it is trusted now.

    Raises:
        UnknownPeer, PeerNotTrusted: otherwise.
    """
    peer = tx.peers.get(name)
    if peer.state is not PeerState.TRUSTED:
        raise PeerNotTrusted
    return peer
