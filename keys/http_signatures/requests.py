"""Signed requests: proven sender, untouched content, meant for us, now, and only once."""

import secrets

from keys.errors import RejectionReason
from keys.http_signatures.messages import (
    FindKey,
    ReceivedRequest,
    RememberNonce,
    SignedRequest,
    VerifiedRequest,
    only_values,
    reject,
)
from keys.http_signatures.profile import (
    SKEW_SECONDS,
    WINDOW_SECONDS,
    SignatureInput,
    WireMessage,
    check_components,
    check_fresh,
    check_key,
    check_signature,
    check_target,
    component,
    content_digest,
    read_signature_input,
    sign_message,
)
from keys.randomness import equal
from keys.signatures import SigningKey

REQUEST_TAG = "ttp-request"
REQUEST_COMPONENTS = (
    "@method",
    "@target-uri",
    "content-digest",
    "content-type",
    "ttp-center",
    "ttp-recipient",
)
_REQUIRED = frozenset(component(f'"{name}"') for name in REQUEST_COMPONENTS)
_HEADERS = (*REQUEST_COMPONENTS[2:], "signature-input", "signature")


def sign_request(
    method: str,
    url: str,
    body: bytes,
    *,
    key: SigningKey,
    center: str,
    recipient: str,
    now: int,
    content_type: str = "application/json",
    nonce: str | None = None,
    lifetime: int = WINDOW_SECONDS,
) -> dict[str, str]:
    """Sign a request of `center` to `recipient` and give the headers to send with it.

    `url` is the recipient's public URL, absolute; `now` is Unix seconds, `lifetime` at most
    60 seconds. A body that is empty is signed as such. Names are lower case.

    Raises:
        SignatureRejected: wrong-target, when `url` is not an absolute http or https URL.
    """
    check_target(url)
    headers = {
        "content-digest": content_digest(body),
        "content-type": content_type,
        "ttp-center": center,
        "ttp-recipient": recipient,
    }
    message = WireMessage(method.upper(), url, headers)
    sign_message(
        message,
        key=key,
        components=REQUEST_COMPONENTS,
        tag=REQUEST_TAG,
        created=now,
        lifetime=lifetime,
        nonce=nonce or secrets.token_urlsafe(24),
    )
    return {name.lower(): value for name, value in message.headers.items()}


def verify_request(
    message: ReceivedRequest,
    *,
    recipient: str,
    find_key: FindKey,
    arrived: int,
    remember_nonce: RememberNonce,
) -> VerifiedRequest:
    """Verify a signed request addressed to `recipient` that arrived at this Unix second.

    What remains for the caller: whether this center may do this, its budget, and whether the
    request was made after the last restore.

    1. The request has the form of the profile: each header once, one signature.
    2. The key is known, and pinned for the center that the request names.
    3. The key is not revoked, and valid at this time.
    4. The signature covers every component of the profile, under our tag, for us.
    5. The digest is that of the body.
    6. The signature is genuine.
    7. The request is fresh.
    8. The nonce was never seen; it is remembered only now that all else holds.

    Raises:
        SignatureRejected: at the first step that fails, with its reason.
    """
    # 1. form
    headers = only_values(message.headers, _HEADERS)
    given = read_signature_input(headers["signature-input"], headers["signature"])
    check_target(message.target_uri)
    # 2. and 3. key
    pinned = check_key(find_key(given.key_id), headers["ttp-center"], arrived)
    # 4. coverage, tag and recipient
    nonce = _check_claims(given, headers["ttp-recipient"], recipient)
    # 5. digest
    if not equal(headers["content-digest"].encode(), content_digest(message.body).encode()):
        raise reject(RejectionReason.WRONG_DIGEST)
    # 6. signature
    wire = WireMessage(message.method, message.target_uri, headers)
    check_signature(wire, pinned.verify_key, REQUEST_TAG)
    # 7. freshness
    check_fresh(given, arrived)
    # 8. nonce
    if not remember_nonce(given.key_id, nonce, given.expires + SKEW_SECONDS):
        raise reject(RejectionReason.REPLAYED)
    signed = SignedRequest(message.method, message.target_uri, headers["signature"])
    return VerifiedRequest(pinned.center, given.key_id, nonce, given.created, given.expires, signed)


def _check_claims(given: SignatureInput, named_recipient: str, recipient: str) -> str:
    check_components(given, _REQUIRED)
    if given.tag != REQUEST_TAG:
        raise reject(RejectionReason.WRONG_TAG)
    if named_recipient != recipient:
        raise reject(RejectionReason.WRONG_RECIPIENT)
    if given.nonce is None:
        raise reject(RejectionReason.MISSING_COMPONENT)
    return given.nonce
