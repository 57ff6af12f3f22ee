"""Our profile of RFC 9421: one label, one algorithm, one list of components, no choice.

The library computes signature bases; whatever its defaults let pass is checked here or by
the caller. A Signature-Input that is not in the one serialization of RFC 9651 is refused,
so no two different texts carry the same signature.

The steps of a verification are numbered in `verify_request` and `verify_response`: form → key
known, pinned for the center, not revoked, valid when the headers arrived → components, tag and
recipient → digest of the body → signature over the configured target → fresh at arrival →
nonce, committed before any effect. Permission and budget are the use case's.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from keys.digests import sha256
from keys.errors import RejectionReason
from keys.http_signatures.messages import PinnedKey, reject
from keys.signatures import SigningKey, VerifyKey

LABEL = "ttp"
ALGORITHM = "ed25519"
WINDOW_SECONDS = 60
SKEW_SECONDS = 10

Component = str
"""A component identifier with its parameters in one order (RFC 9421 section 2 gives them none)."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,86}")


@dataclass(slots=True)
class WireMessage:
    """What the library reads of a request; it writes into `headers` when it signs."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class WireResponse:
    """What the library reads of a response and of the request it answers."""

    status_code: int
    headers: dict[str, str]
    request: WireMessage


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """The signed parameters of one signature, checked for form but not for truth."""

    components: frozenset[Component]
    created: int
    expires: int
    key_id: str
    tag: str
    nonce: str | None


def content_digest(body: bytes) -> str:
    """Write the Content-Digest of a body, also of an empty one (RFC 9530 section 2)."""
    return f"sha-256=:{base64.b64encode(sha256(body)).decode('ascii')}:"


def component(identifier: str) -> Component:
    """Read a component identifier such as `"signature";req;key="ttp"`."""
    item: Any = http_sf.parse(identifier.encode("ascii"), tltype="item")
    return _identity(*item)


def check_target(target_uri: str) -> None:
    """Refuse a target that names more than scheme, authority, path and query.

    Raises:
        SignatureRejected: wrong-target.
    """
    try:
        parts = urlsplit(target_uri)
        complete = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:
        raise reject(RejectionReason.WRONG_TARGET) from None
    if not complete or "#" in target_uri or "@" in parts.netloc:
        raise reject(RejectionReason.WRONG_TARGET)


def sign_message(
    message: WireMessage | WireResponse,
    *,
    key: SigningKey,
    components: tuple[str, ...],
    tag: str,
    created: int,
    lifetime: int,
    nonce: str | None,
) -> None:
    """Add Signature-Input and Signature to the message's headers; times in Unix seconds.

    Raises:
        SignatureRejected: malformed, when a header is no plain ASCII or the lifetime no
            part of the window; nothing is sent that a verifier would refuse.
    """
    if not 0 < lifetime <= WINDOW_SECONDS:
        raise reject(RejectionReason.MALFORMED)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_OneSigningKey(key)
    )
    try:
        signer.sign(
            message,
            key_id=key.key_id,
            created=datetime.fromtimestamp(created, UTC),
            expires=datetime.fromtimestamp(created + lifetime, UTC),
            nonce=nonce,
            label=LABEL,
            tag=tag,
            covered_component_ids=components,
            use_existing_digest=True,
        )
    except HTTPMessageSignaturesException:
        raise reject(RejectionReason.MALFORMED) from None


def read_signature_input(signature_input: str, signature: str) -> SignatureInput:
    """Read the parameters both headers carry, and refuse every form but one.

    Raises:
        SignatureRejected: malformed.
    """
    try:
        inputs: Any = http_sf.parse(signature_input.encode("ascii"), tltype="dictionary")
        values: Any = http_sf.parse(signature.encode("ascii"), tltype="dictionary")
        canonical = http_sf.ser(inputs) == signature_input and http_sf.ser(values) == signature
        (covered, params), (value, options) = inputs[LABEL], values[LABEL]
        listed = [_identity(*item) for item in covered]
    except (ValueError, TypeError, KeyError):
        raise reject(RejectionReason.MALFORMED) from None
    alone = len(inputs) == len(values) == 1 and not options and type(value) is bytes
    if not (canonical and alone and len(set(listed)) == len(listed)):
        raise reject(RejectionReason.MALFORMED)
    return _checked(frozenset(listed), dict(params))


def check_components(given: SignatureInput, required: frozenset[Component]) -> None:
    """Require exactly the components of the profile; one more is as wrong as one less.

    Raises:
        SignatureRejected: response-not-bound when one that ties a response to its request
            is missing, else missing-component; malformed when there are others.
    """
    missing = required - given.components
    if any(identifier.endswith(";req") for identifier in missing):
        raise reject(RejectionReason.RESPONSE_NOT_BOUND)
    if missing:
        raise reject(RejectionReason.MISSING_COMPONENT)
    if given.components != required:
        raise reject(RejectionReason.MALFORMED)


def check_key(pinned: PinnedKey | None, center: str, arrived: int) -> PinnedKey:
    """Require a pinned key that belongs to the center and is valid at this Unix second.

    Raises:
        SignatureRejected: unknown-key, key-not-of-center, key-revoked, not-yet-valid or
            key-retired.
    """
    if pinned is None:
        raise reject(RejectionReason.UNKNOWN_KEY)
    if pinned.center != center:
        raise reject(RejectionReason.KEY_NOT_OF_CENTER)
    if pinned.revoked:
        raise reject(RejectionReason.KEY_REVOKED)
    if arrived < pinned.valid_from:
        raise reject(RejectionReason.NOT_YET_VALID)
    if pinned.valid_until is not None and arrived > pinned.valid_until:
        raise reject(RejectionReason.KEY_RETIRED)
    return pinned


def check_signature(message: WireMessage | WireResponse, key: VerifyKey, tag: str) -> None:
    """Require that the key signed exactly this message.

    Raises:
        SignatureRejected: bad-signature.
    """
    verifier = _TimelessVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=_OneVerifyKey(key)
    )
    try:
        verifier.verify(message, max_age=None, expect_tag=tag, expect_label=LABEL)
    except HTTPMessageSignaturesException:
        raise reject(RejectionReason.BAD_SIGNATURE) from None


def check_fresh(given: SignatureInput, arrived: int) -> None:
    """Require a signature made at most 60 s before arrival, and not expired.

    A clock of the signer that is up to 10 s ahead is forgiven.

    Raises:
        SignatureRejected: not-yet-valid or expired.
    """
    if given.created > arrived + SKEW_SECONDS:
        raise reject(RejectionReason.NOT_YET_VALID)
    if arrived > given.expires or arrived - given.created > WINDOW_SECONDS:
        raise reject(RejectionReason.EXPIRED)


def _identity(name: Any, params: Any) -> Component:
    return http_sf.ser((name, dict(sorted(params.items()))))


def _checked(components: frozenset[Component], params: dict[str, Any]) -> SignatureInput:
    times = params.pop("created", None), params.pop("expires", None)
    key_id, tag = params.pop("keyid", None), params.pop("tag", None)
    algorithm, nonce = params.pop("alg", None), params.pop("nonce", None)
    well_formed = (
        not params
        and all(type(moment) is int for moment in times)
        and 0 < times[1] - times[0] <= WINDOW_SECONDS
        and type(key_id) is type(tag) is str
        and algorithm == ALGORITHM
        and (nonce is None or (type(nonce) is str and _NONCE.fullmatch(nonce) is not None))
    )
    if not well_formed:
        raise reject(RejectionReason.MALFORMED)
    return SignatureInput(components, *times, key_id, tag, nonce)


class _OneSigningKey(HTTPSignatureKeyResolver):
    """Gives the library the one key we chose."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:  # noqa: ARG002 - the library's interface
        return self._key.private_key


class _OneVerifyKey(HTTPSignatureKeyResolver):
    """Gives the library the key that was already found and judged."""

    def __init__(self, key: VerifyKey) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self._key.public_key if key_id == self._key.key_id else None


class _TimelessVerifier(HTTPMessageVerifier):
    """Leaves time to `check_fresh`, which judges by arrival and not by the end of the body."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Accept: see the class."""
