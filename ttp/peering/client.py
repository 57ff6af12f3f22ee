"""The client of peers: a signed request, a bounded wait, a verified answer; redirects are never followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from keys.http_signatures import FindKey, ReceivedResponse
from keys.signatures import SigningKey
from ttp.core.federation import MAXIMAL_BODY_BYTES, FederationPath
from ttp.core.peers import Peer, PeerAnswerRejected
from ttp.core.ports import Clock
from ttp.peering.envelope import open_answer, read_statements, sign, write_body
from ttp.peering.retry import PASSING, Passing, with_retries

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
STATEMENTS = "/api/v1/trust/statements"
MAXIMAL_ANSWER_BYTES = 4 * MAXIMAL_BODY_BYTES


class PeerClient:
    """Asks peers in the name of one center; implements ``ttp.core.federation.Peers``.

    ``key`` gives the present signing key for every request, ``find_key`` looks pinned keys up anew for every
    answer, so that rotations and revocations take effect at once.
    """

    def __init__(
        self,
        center: str,
        *,
        key: Callable[[], SigningKey],
        find_key: FindKey,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._center = center
        self._key = key
        self._find_key = find_key
        self._clock = clock
        self._http = httpx.Client(
            timeout=TIMEOUT,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity"},  # the digest is that of the bytes on the wire
        )

    def ask(
        self,
        peer: Peer,
        path: FederationPath,
        payload: Mapping[str, Any],
        *,
        key: SigningKey | None = None,
    ) -> dict[str, Any]:
        """Send a signed request and give its verified answer; ``key`` signs in place of the present one.

        Raises:
            PeerUnreachable: no answer after four tries.
            PeerAnswerRejected: the answer's signature does not hold.
            PeerRefused: the peer answered with a problem; ``facts`` hold its code, detail and status.
        """
        body = write_body(payload)
        url = f"{peer.url}{path.value}"
        return with_retries(
            lambda: self._try(peer, url, body, key or self._key()),
            clock=self._clock,
            peer=str(peer.name),
        )

    def statements(self, peer: Peer) -> list[object]:
        """The statements about its keys that the peer serves to everybody. Nothing in them is believed yet.

        Raises:
            PeerUnreachable: no answer after four tries.
            PeerAnswerRejected: the answer is no list of statements.
        """
        url = f"{peer.url}{STATEMENTS}"
        return with_retries(lambda: self._fetch(url), clock=self._clock, peer=str(peer.name))

    def close(self) -> None:
        """Give back all connections."""
        self._http.close()

    def _try(self, peer: Peer, url: str, body: bytes, key: SigningKey) -> dict[str, Any]:
        sent = sign(
            url,
            body,
            key=key,
            center=self._center,
            recipient=peer.name,
            now=self._clock.now(),
        )
        with self._http.stream("POST", url, content=body, headers=sent.headers) as response:
            if response.status_code in PASSING:
                raise Passing
            received = ReceivedResponse(
                response.status_code, list(response.headers.multi_items()), _read(response)
            )
        return open_answer(peer, sent, received, find_key=self._find_key, arrived=self._clock.now())

    def _fetch(self, url: str) -> list[object]:
        with self._http.stream("GET", url) as response:
            if response.status_code in PASSING:
                raise Passing
            content = _read(response)
        return read_statements(response.status_code, content)


def _read(response: httpx.Response) -> bytes:
    """The content as it came over the wire, never more than 16 MiB."""
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) > MAXIMAL_ANSWER_BYTES:
            raise PeerAnswerRejected("The peer's answer is too large.")
    return bytes(content)
