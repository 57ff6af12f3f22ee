"""Messages: what is signed and what a verification proves, without any web framework."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from keys.errors import RejectionReason, SignatureRejected
from keys.signatures import VerifyKey

Headers = Sequence[tuple[str, str]]
"""Header lines in order; names in any case, repeated names repeated."""

_MAX_VALUE = 4096


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived.

    `target_uri` is the configured public URL of this center with the path and query that
    arrived, never built from forwarded headers. `body` is the content before decoding.
    """

    method: str
    target_uri: str
    headers: Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A response as it arrived; `body` is the content before decoding."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a response is bound to: method, target and the Signature header of one request."""

    method: str
    target_uri: str
    signature: str

    @classmethod
    def sent(cls, method: str, target_uri: str, headers: Mapping[str, str]) -> "SignedRequest":
        """Keep this of a request just sent; `headers` are those of `sign_request`."""
        return cls(method.upper(), target_uri, headers["signature"])


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """A request proven to come from `center`, now, once; times are Unix seconds."""

    center: str
    key_id: str
    nonce: str
    created: int
    expires: int
    signed: SignedRequest

    @property
    def signature(self) -> str:
        """The Signature header, which the response is bound to."""
        return self.signed.signature


@dataclass(frozen=True, slots=True)
class VerifiedResponse:
    """A response proven to come from `center` and to answer exactly one request."""

    center: str
    key_id: str
    created: int


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A peer's key as persons pinned it or a statement introduced it; times in Unix seconds, `valid_until` included."""

    center: str
    verify_key: VerifyKey
    revoked: bool = False
    valid_from: int = 0
    valid_until: int | None = None


FindKey = Callable[[str], PinnedKey | None]
"""Looks a pinned key up by its thumbprint."""

RememberNonce = Callable[[str, str, int], bool]
"""Stores (key ID, nonce) until the given Unix second; False when it was stored before."""


def reject(reason: RejectionReason) -> SignatureRejected:
    """Make the error for one reason."""
    return SignatureRejected(reason)


def only_values(headers: Headers, names: Sequence[str]) -> dict[str, str]:
    """Read headers of which each must be there exactly once, as plain trimmed ASCII.

    Raises:
        SignatureRejected: malformed, when one is repeated or unreadable; missing-component
            when one is absent.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in names:
            continue
        if lower in found or not _is_plain(value):
            raise reject(RejectionReason.MALFORMED)
        found[lower] = value
    if len(found) != len(names):
        raise reject(RejectionReason.MISSING_COMPONENT)
    return found


def _is_plain(value: str) -> bool:
    return (
        0 < len(value) <= _MAX_VALUE
        and value.isascii()
        and value.isprintable()
        and value == value.strip()
    )
