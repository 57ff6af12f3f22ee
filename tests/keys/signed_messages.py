"""Two centers that talk, a stranger, and signed messages that differ in one chosen thing."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from http_message_signatures import HTTPMessageSigner, algorithms

from keys.http_signatures import (
    PinnedKey,
    ReceivedRequest,
    ReceivedResponse,
    SignedRequest,
    VerifiedRequest,
    VerifiedResponse,
    content_digest,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from keys.http_signatures.profile import WireMessage, WireResponse, _OneSigningKey
from keys.http_signatures.requests import REQUEST_COMPONENTS, REQUEST_TAG
from keys.http_signatures.responses import RESPONSE_COMPONENTS, RESPONSE_TAG
from keys.signatures import SigningKey

NOW = 1_790_000_000
NORD, SUED, STRANGER, REVOKED, FUTURE, RETIRED = (
    SigningKey.from_secret(bytes(range(start, start + 32))) for start in range(6)
)
TARGET = "https://sued.example/v1/peer/encodings?project=17"
BODY = b'{"encodings": 3}'
NONCE = "AAECAwQFBgcICQoLDA0ODw"

PINNED = {
    NORD.key_id: PinnedKey("nord", NORD.public),
    SUED.key_id: PinnedKey("sued", SUED.public),
    REVOKED.key_id: PinnedKey("nord", REVOKED.public, revoked=True),
    FUTURE.key_id: PinnedKey("nord", FUTURE.public, valid_from=NOW + 3600),
    RETIRED.key_id: PinnedKey("nord", RETIRED.public, valid_until=NOW - 3600),
}


@dataclass(slots=True)
class Nonces:
    """Remembers nonces as the database would: once per key, with the time to keep them until."""

    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def remember(self, key_id: str, nonce: str, keep_until: int) -> bool:
        if (key_id, nonce) in self.seen:
            return False
        self.seen[key_id, nonce] = keep_until
        return True


def request(*, key: SigningKey = NORD, **changes: Any) -> ReceivedRequest:
    """A good request of nord to sued, signed by us; `changes` go to `sign_request`."""
    options = {"center": "nord", "recipient": "sued", "now": NOW, "nonce": NONCE, **changes}
    headers = sign_request("POST", TARGET, BODY, key=key, **options)
    return ReceivedRequest("POST", TARGET, tuple(headers.items()), BODY)


def request_off_profile(
    *,
    key: SigningKey = NORD,
    components: tuple[str, ...] = REQUEST_COMPONENTS,
    headers: dict[str, str] | None = None,
    tag: str | None = REQUEST_TAG,
    **changes: Any,
) -> ReceivedRequest:
    """A request with a genuine signature of `key` over something else than the profile says."""
    message = WireMessage(
        "POST",
        TARGET,
        {
            "content-digest": content_digest(BODY),
            "content-type": "application/json",
            "ttp-center": "nord",
            "ttp-recipient": "sued",
            **(headers or {}),
        },
    )
    sign_anything(message, key, components, tag, **changes)
    lowered = tuple((name.lower(), value) for name, value in message.headers.items())
    return ReceivedRequest("POST", TARGET, lowered, BODY)


def sign_anything(
    message: WireMessage | WireResponse,
    key: SigningKey,
    components: tuple[str, ...],
    tag: str | None,
    **changes: Any,
) -> None:
    """Sign with the library alone, so that the profile's own checks are what is tested."""
    created = changes.pop("created", NOW)
    lifetime = changes.pop("lifetime", 60)
    options: dict[str, Any] = {"nonce": NONCE, "label": "ttp", "key_id": key.key_id, **changes}
    if lifetime:
        options["expires"] = datetime.fromtimestamp(created + lifetime, UTC)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_OneSigningKey(key)
    )
    signer.sign(
        message,
        created=datetime.fromtimestamp(created, UTC),
        tag=tag,
        covered_component_ids=components,
        use_existing_digest=True,
        **options,
    )


def accept(
    message: ReceivedRequest, *, arrived: int = NOW, nonces: Nonces | None = None
) -> VerifiedRequest:
    """Verify a request as sued does."""
    remember = (nonces or Nonces()).remember
    return verify_request(
        message,
        recipient="sued",
        find_key=PINNED.get,
        arrived=arrived,
        remember_nonce=remember,
    )


def signed_request(message: ReceivedRequest) -> SignedRequest:
    """What nord keeps of the request it sent."""
    return SignedRequest.sent(message.method, message.target_uri, dict(message.headers))


def response(
    to: ReceivedRequest, *, key: SigningKey = SUED, status: int = 200, **changes: Any
) -> ReceivedResponse:
    """A good response of sued, bound to a request."""
    options = {"center": "sued", "now": NOW, **changes}
    headers = sign_response(status, BODY, request=signed_request(to), key=key, **options)
    return ReceivedResponse(status, tuple(headers.items()), BODY)


def response_off_profile(
    to: ReceivedRequest,
    *,
    components: tuple[str, ...] = RESPONSE_COMPONENTS,
    tag: str | None = RESPONSE_TAG,
    **changes: Any,
) -> ReceivedResponse:
    """A response with a genuine signature over something else than the profile says."""
    kept = signed_request(to)
    asked = WireMessage(kept.method, kept.target_uri, {"signature": kept.signature})
    headers = {
        "content-digest": content_digest(BODY),
        "content-type": "application/json",
        "ttp-center": "sued",
    }
    message = WireResponse(200, headers, asked)
    sign_anything(message, SUED, components, tag, **{"nonce": None, **changes})
    lowered = tuple((name.lower(), value) for name, value in message.headers.items())
    return ReceivedResponse(200, lowered, BODY)


def accept_response(
    message: ReceivedResponse, to: ReceivedRequest, *, arrived: int = NOW
) -> VerifiedResponse:
    """Verify a response as nord does."""
    return verify_response(
        message,
        request=signed_request(to),
        center="sued",
        find_key=PINNED.get,
        arrived=arrived,
    )


def with_header(message: ReceivedRequest, name: str, value: str | None) -> ReceivedRequest:
    """Replace a header's value, or drop it."""
    kept = [(n, v if n != name else value) for n, v in message.headers]
    return replace(message, headers=tuple((n, v) for n, v in kept if v is not None))
