"""Signed responses: an answer belongs to one request and cannot be given to another."""

from keys.errors import RejectionReason
from keys.http_signatures.messages import (
    FindKey,
    ReceivedResponse,
    SignedRequest,
    VerifiedRequest,
    VerifiedResponse,
    only_values,
    reject,
)
from keys.http_signatures.profile import (
    WINDOW_SECONDS,
    WireMessage,
    WireResponse,
    check_components,
    check_fresh,
    check_key,
    check_signature,
    component,
    content_digest,
    read_signature_input,
    sign_message,
)
from keys.randomness import equal
from keys.signatures import SigningKey

RESPONSE_TAG = "ttp-response"
RESPONSE_COMPONENTS = (
    '"@status"',
    '"content-digest"',
    '"content-type"',
    '"ttp-center"',
    '"signature";req;key="ttp"',
    '"@method";req',
    '"@target-uri";req',
)
_REQUIRED = frozenset(component(identifier) for identifier in RESPONSE_COMPONENTS)
_HEADERS = ("content-digest", "content-type", "ttp-center", "signature-input", "signature")


def sign_response(
    status: int,
    body: bytes,
    *,
    request: VerifiedRequest | SignedRequest,
    key: SigningKey,
    center: str,
    now: int,
    content_type: str = "application/json",
    lifetime: int = WINDOW_SECONDS,
) -> dict[str, str]:
    """Sign the answer of `center` to one verified request and give the headers to send.

    `now` is Unix seconds, taken when the answer is ready. Names are lower case.
    """
    headers = {
        "content-digest": content_digest(body),
        "content-type": content_type,
        "ttp-center": center,
    }
    message = WireResponse(status, headers, _wire(request))
    sign_message(
        message,
        key=key,
        components=RESPONSE_COMPONENTS,
        tag=RESPONSE_TAG,
        created=now,
        lifetime=lifetime,
        nonce=None,
    )
    return {name.lower(): value for name, value in message.headers.items()}


def verify_response(
    message: ReceivedResponse,
    *,
    request: SignedRequest,
    center: str,
    find_key: FindKey,
    arrived: int,
) -> VerifiedResponse:
    """Verify that `center` gave this answer to exactly this request.

    1. The response has the form of the profile: each header once, one signature.
    2. It names the center that was asked, and the key is pinned for that center and valid.
    3. The signature covers every component, those of the request included, under our tag.
    4. The digest is that of the body.
    5. The signature is genuine for this response and this request.
    6. The response is fresh.

    Raises:
        SignatureRejected: at the first step that fails, with its reason.
    """
    # 1. form
    headers = only_values(message.headers, _HEADERS)
    given = read_signature_input(headers["signature-input"], headers["signature"])
    # 2. center and key
    if headers["ttp-center"] != center:
        raise reject(RejectionReason.KEY_NOT_OF_CENTER)
    pinned = check_key(find_key(given.key_id), center, arrived)
    # 3. coverage and tag
    check_components(given, _REQUIRED)
    if given.tag != RESPONSE_TAG:
        raise reject(RejectionReason.WRONG_TAG)
    # 4. digest
    if not equal(headers["content-digest"].encode(), content_digest(message.body).encode()):
        raise reject(RejectionReason.WRONG_DIGEST)
    # 5. signature
    wire = WireResponse(message.status, headers, _wire(request))
    check_signature(wire, pinned.verify_key, RESPONSE_TAG)
    # 6. freshness
    check_fresh(given, arrived)
    return VerifiedResponse(center, given.key_id, given.created)


def _wire(request: VerifiedRequest | SignedRequest) -> WireMessage:
    signed = request.signed if isinstance(request, VerifiedRequest) else request
    return WireMessage(signed.method, signed.target_uri, {"signature": signed.signature})
