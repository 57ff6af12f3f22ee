"""Connecting: the client with which a center asks its peers. The same for worker and command line."""

from __future__ import annotations

import httpx

from keys.http_signatures import PinnedKey
from ttp.core.center import Center
from ttp.peering.client import PeerClient
from ttp.services.sequence_leaves import audit_signing_key


def connect(center: Center, *, transport: httpx.BaseTransport | None = None) -> PeerClient:
    """The client of this center; ``transport`` replaces the network, for tests and demonstrations."""

    def pinned(key_id: str) -> PinnedKey | None:
        return center.work.run(lambda tx: tx.peers.by_key(key_id), write=False)

    return PeerClient(
        center.name,
        key=lambda: audit_signing_key(center),
        find_key=pinned,
        clock=center.clock,
        transport=transport,
    )
