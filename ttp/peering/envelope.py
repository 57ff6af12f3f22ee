"""Envelope: how a payload becomes a signed request, and how an answer is opened: not before its signature holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from keys.errors import SignatureRejected
from keys.http_signatures import (
    FindKey,
    ReceivedResponse,
    SignedRequest,
    sign_request,
    verify_response,
)
from keys.signatures import SigningKey
from ttp.core.errors import TooMuch
from ttp.core.federation import MAXIMAL_BODY_BYTES
from ttp.core.key_statements import MOST_STATEMENTS
from ttp.core.peers import Peer, PeerAnswerRejected, PeerRefused

METHOD = "POST"
JSON = "application/json"
_CODE: Final = re.compile(r"(?=.{1,63}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")
"""What codes look like: they are printed, stored and compared."""


class RequestTooLarge(TooMuch):
    """A request to a peer holds at most 4 MiB; larger work goes in chunks."""

    code = "request-too-large"


@dataclass(frozen=True, slots=True)
class Sent:
    """One try: the headers to send, and what its answer must be bound to."""

    headers: dict[str, str]
    bound: SignedRequest


def write_body(payload: Mapping[str, Any]) -> bytes:
    """The bytes of a payload.

    Raises:
        RequestTooLarge: more than 4 MiB.
    """
    body = orjson.dumps(payload)
    if len(body) > MAXIMAL_BODY_BYTES:
        raise RequestTooLarge
    return body


def sign(
    url: str, body: bytes, *, key: SigningKey, center: str, recipient: str, now: datetime
) -> Sent:
    """Sign a request anew; every try has a nonce of its own."""
    headers = sign_request(
        METHOD, url, body, key=key, center=center, recipient=recipient, now=int(now.timestamp())
    )
    return Sent(headers, SignedRequest.sent(METHOD, url, headers))


def open_answer(
    peer: Peer, sent: Sent, received: ReceivedResponse, *, find_key: FindKey, arrived: datetime
) -> dict[str, Any]:
    """What the peer answered to exactly this request.

    An answer that is not signed is one of something that stands between, or of a peer that does not
    know us; its text is not believed, only its status and code are told.

    Raises:
        PeerAnswerRejected: the signature does not hold, or the answer is no JSON object.
        PeerRefused: the peer answered with a problem.
    """
    if received.status == 401 and not _has_signature(received):
        raise PeerRefused(
            "The peer did not accept the request's signature.", **_problem(received, trusted=False)
        )
    try:
        verify_response(
            received,
            request=sent.bound,
            center=peer.name,
            find_key=find_key,
            arrived=int(arrived.timestamp()),
        )
    except SignatureRejected as error:
        raise PeerAnswerRejected(reason=error.reason.value, peer=peer.name) from error
    if received.status != 200:
        raise PeerRefused(
            "The peer refused the request.", peer=peer.name, **_problem(received, trusted=True)
        )
    return _object(received.body)


def read_statements(status: int, body: bytes) -> list[object]:
    """The statements in an unsigned answer, which prove themselves or nothing.

    Raises:
        PeerAnswerRejected: it holds no list of statements.
    """
    statements = _object(body).get("statements") if status == 200 else None
    if not isinstance(statements, list):
        raise PeerAnswerRejected("The peer's answer holds no statements.")
    return statements[:MOST_STATEMENTS]


def _has_signature(received: ReceivedResponse) -> bool:
    return any(name.lower() == "signature" for name, _ in received.headers)


def _problem(received: ReceivedResponse, *, trusted: bool) -> dict[str, object]:
    try:
        document = _object(received.body)
    except PeerAnswerRejected:
        document = {}
    code = document.get("code")
    facts: dict[str, object] = {
        "peer_status": received.status,
        "peer_code": code if isinstance(code, str) and _CODE.match(code) else "unknown",
    }
    if trusted:
        facts |= {name: document[name] for name in ("detail", "size") if name in document}
        facts["peer_detail"] = facts.pop("detail", "")
    return facts


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PeerAnswerRejected("The peer's answer is not JSON.") from error
    if not isinstance(document, dict):
        raise PeerAnswerRejected("The peer's answer is not a JSON object.")
    return document
