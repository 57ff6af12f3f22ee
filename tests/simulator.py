"""A simulated trust center: real keys, a clock of its own, and requests good and bad, over the real door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keys.http_signatures import (
    PinnedKey,
    ReceivedResponse,
    SignedRequest,
    VerifiedResponse,
    sign_request,
    verify_response,
)
from keys.recipients import TransportKey
from keys.signatures import SigningKey
from tests.builders import ManualClock
from ttp.app import create_app
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.federation import FederationPath
from ttp.core.peers import PeerCard
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.peers.describe_trust import describe_trust
from ttp.services.peers.propose_peer import propose_peer
from ttp.services.peers.trust_peer import trust_peer


@dataclass
class Request:
    """A signed request that can be spoiled before it is sent."""

    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def bound(self) -> SignedRequest:
        """What its answer must be bound to."""
        return SignedRequest.sent("POST", self.url, self.headers)


@dataclass
class SimulatedTrustCenter:
    """A peer of the center under test, as that center sees it from outside."""

    name: str = "sued"
    key: SigningKey = field(default_factory=SigningKey.generate)
    transport: TransportKey = field(default_factory=TransportKey.generate)
    clock: ManualClock = field(default_factory=ManualClock)

    def card(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "name": self.name,
            "url": f"https://{self.name}.example",
            "signing_key": self.key.public.to_jwk(),
            "key_id": self.key.key_id,
            "transport_key": self.transport.public.hex(),
        }

    def request(
        self,
        to: Center,
        path: FederationPath,
        payload: Mapping[str, Any],
        **otherwise: Any,
    ) -> Request:
        """A request of this center; ``otherwise`` replaces what ``sign_request`` is given."""
        url = f"{to.public_url}{path.value}"
        body = orjson.dumps(payload)
        signed = {
            "key": self.key,
            "center": self.name,
            "recipient": to.name,
            "now": int(self.clock.now().timestamp()),
            **otherwise,
        }
        return Request(url, body, sign_request("POST", signed.pop("url", url), body, **signed))

    def verify(self, by: Center, request: Request, response: TestResponse) -> VerifiedResponse:
        """Check the answer as a peer would."""
        key = audit_signing_key(by).public
        received = ReceivedResponse(
            response.status_code, list(response.headers.items()), response.data
        )
        return verify_response(
            received,
            request=request.bound,
            center=by.name,
            find_key=lambda key_id: PinnedKey(by.name, key) if key_id == key.key_id else None,
            arrived=int(by.clock.now().timestamp()),
        )


def send(http: FlaskClient, request: Request) -> TestResponse:
    """Send a request to the door of the center that ``http`` speaks to."""
    path = "/" + request.url.split("/", 3)[3]
    return http.post(path, data=request.body, headers=request.headers)


def pin(center: Center, card: Mapping[str, Any], *, witness: bool = True) -> None:
    """Make a center trust the peer of a card; the center runs with one person."""
    read = PeerCard.read(card)
    center.work.run(lambda tx: propose_peer(center, tx, OPERATOR, card=read, witness=witness))
    center.work.run(lambda tx: trust_peer(center, tx, OPERATOR, name=read.name))


def introduce(*centers: Center) -> None:
    """Make all centers trust each other."""
    for center in centers:
        for other in centers:
            if other is not center:
                pin(center, describe_trust(other))


class Wires(httpx.BaseTransport):
    """A network of centers in this process: requests go to the application of the host they name."""

    def __init__(self, *centers: Center) -> None:
        self.centers = {httpx.URL(center.public_url).host: center for center in centers}
        self.apps: dict[str, Flask] = {}
        self.sent: list[httpx.Request] = []
        self.cut: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver the request, or fail as a network does."""
        self.sent.append(request)
        host = request.url.host
        if host in self.cut or host not in self.centers:
            raise httpx.ConnectError("unreachable", request=request)
        if host not in self.apps:
            self.apps[host] = create_app(self.centers[host])
        return httpx.WSGITransport(app=self.apps[host]).handle_request(request)
