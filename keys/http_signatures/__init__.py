"""HTTP signatures between centers (RFC 9421, RFC 9530): checked by us, not by defaults."""

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures.messages import (
    FindKey,
    PinnedKey,
    ReceivedRequest,
    ReceivedResponse,
    RememberNonce,
    SignedRequest,
    VerifiedRequest,
    VerifiedResponse,
)
from keys.http_signatures.profile import SKEW_SECONDS, WINDOW_SECONDS, content_digest
from keys.http_signatures.requests import sign_request, verify_request
from keys.http_signatures.responses import sign_response, verify_response

__all__ = [
    "SKEW_SECONDS",
    "WINDOW_SECONDS",
    "FindKey",
    "PinnedKey",
    "ReceivedRequest",
    "ReceivedResponse",
    "RejectionReason",
    "RememberNonce",
    "SignatureRejected",
    "SignedRequest",
    "VerifiedRequest",
    "VerifiedResponse",
    "content_digest",
    "sign_request",
    "sign_response",
    "verify_request",
    "verify_response",
]
