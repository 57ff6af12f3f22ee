"""Connecting: the clients with which a center asks its peers and identity providers. The same for all processes."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from keys.http_signatures import PinnedKey
from ttp.core.center import Center
from ttp.core.providers import Issuer, Providers
from ttp.peering.client import PeerClient
from ttp.peering.identity_provider import IdentityProvider
from ttp.services.log.sequence_leaves import audit_signing_key


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


def connect_providers(center: Center, issuers: Sequence[Issuer]) -> Providers:
    """The identity providers of a center by name; none of them is asked anything yet."""
    return {one.name: IdentityProvider(one, clock=center.clock) for one in issuers}
