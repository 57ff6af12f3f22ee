"""Peers: other trust centers, known by pinned keys that two persons accepted; a revoked key is never trusted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from keys.errors import KeyFormatInvalid
from keys.http_signatures import PinnedKey
from keys.signatures import VerifyKey
from keys.succession import FormerKey
from ttp.core.errors import Conflict, InvalidField, NotAllowed, NotFound, Unavailable
from ttp.core.names import CenterName, slug

TRANSPORT_KEY_BYTES = 32
MAXIMAL_URL = 512
MOST_NUMBERED = 1 << 31


class UnknownPeer(NotFound):
    """No peer has this name."""

    code = "unknown-peer"


class PeerNotTrusted(NotAllowed):
    """The peer is not trusted: it waits for a second person, or its trust was revoked."""

    code = "peer-not-trusted"


class KeyWasRevoked(Conflict):
    """This key was revoked; the center needs a new one before it can be trusted again."""

    code = "key-was-revoked"


class PeerUnreachable(Unavailable):
    """The peer could not be reached, or did not answer in time."""

    code = "peer-unreachable"


class PeerAnswerRejected(Unavailable):
    """The peer's answer is not proven to be its answer to this request."""

    code = "peer-answer-rejected"


class PeerRefused(Conflict):
    """The peer understood the request and refused it; ``facts`` say why."""

    code = "peer-refused"


class PeerState(StrEnum):
    """How far a peer is trusted."""

    PROPOSED = "proposed"
    TRUSTED = "trusted"
    REFUSED = "refused"  # proposed and turned down; it may be proposed again
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class PeerCard:
    """What a center says of itself: name, URL, the keys with which it signs and to which one seals.

    ``statements``: the number of the last statement about its keys that these keys account for.
    """

    name: CenterName
    url: str
    key: VerifyKey
    transport_key: bytes
    statements: int = 0

    @classmethod
    def read(cls, document: object) -> PeerCard:
        """Read a trust file, or the entry of one center in it; nothing in it is believed yet.

        Raises:
            InvalidField, InvalidName: a member is missing, malformed, or the key ID is not that of the key.
        """
        entry = _only_entry(document)
        try:
            key = VerifyKey.from_jwk(entry.get("signing_key"))
            transport_key = bytes.fromhex(str(entry.get("transport_key")))
        except (KeyFormatInvalid, ValueError) as error:
            raise InvalidField("The card has no readable signing or transport key.") from error
        if entry.get("key_id") != key.key_id or len(transport_key) != TRANSPORT_KEY_BYTES:
            raise InvalidField("The card contradicts itself: a key does not fit its name.")
        name = CenterName(slug(entry.get("name"), of="center"))
        statements = entry.get("statements", 0)
        if type(statements) is not int or not 0 <= statements < MOST_NUMBERED:
            raise InvalidField("The card does not say which statement its keys account for.")
        return cls(name, checked_url(entry.get("url")), key, transport_key, statements)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another trust center as this one knows it. ``witness``: it co-signs this center's checkpoints.

    ``key``: the newest it is known by. ``statements``: the last one of the peer's that is accounted for;
    ``acknowledged``: the last one of this center's that the peer has.
    """

    name: CenterName
    url: str
    key: VerifyKey
    transport_key: bytes
    state: PeerState
    witness: bool
    approval: UUID
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    trusted_at: datetime | None = None
    revoked_at: datetime | None = None
    statements: int = 0
    acknowledged: int = 0

    @property
    def origin(self) -> str:
        """The name of the peer's audit log in its checkpoints."""
        return f"treuhandstelle/{self.name}"

    def pinned(self) -> PinnedKey | None:
        """The key for checking signatures: None while only proposed, marked when revoked."""
        if self.trusted_at is None:
            return None
        revoked = self.state is PeerState.REVOKED
        return PinnedKey(self.name, self.key, revoked, int(self.trusted_at.timestamp()))


def checked_url(url: object) -> str:
    """The base URL of a center without a trailing slash.

    Raises:
        InvalidField: not an absolute http or https URL of scheme, host, port and path alone.
    """
    text = url.rstrip("/") if isinstance(url, str) else ""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = None
    if not plain or len(text) > MAXIMAL_URL or any(mark in text for mark in "?#@ "):
        raise InvalidField("The URL of a center is absolute, with scheme, host, port and path.")
    return text


def _only_entry(document: object) -> Mapping[str, Any]:
    if isinstance(document, Mapping) and "centers" in document:
        centers = document["centers"]
        document = centers[0] if isinstance(centers, list) and len(centers) == 1 else None
    if not isinstance(document, Mapping):
        raise InvalidField("The card is a JSON object that describes one center.")
    return document


class PeerStore(Protocol):
    """Where peers and their keys are kept."""

    def propose(self, peer: Peer) -> None:
        """Store a proposed peer; replaces one that was revoked or is only proposed.

        Raises:
            AlreadyExists: it is trusted, or its key belongs to another center.
            KeyWasRevoked: this key was revoked once.
        """
        ...

    def trust(self, name: str, *, by: str, at: datetime) -> Peer:
        """Pin the proposed key. Raises UnknownPeer, Conflict when it is not proposed."""
        ...

    def revoke(self, name: str, *, at: datetime) -> None:
        """End the trust in a peer and its key, in every process. Raises UnknownPeer."""
        ...

    def withdraw(self, name: str, *, at: datetime) -> None:
        """End a proposal without a verdict on its key. Raises UnknownPeer."""
        ...

    def get(self, name: str) -> Peer:
        """The peer of this name, whatever its state. Raises UnknownPeer."""
        ...

    def by_approval(self, approval: UUID) -> Peer | None:
        """The peer that a request for approval proposes."""
        ...

    def by_key(self, key_id: str) -> PinnedKey | None:
        """The pinned key with this thumbprint, also a revoked one; None when it never was trusted."""
        ...

    def accepted_keys(self, name: str, *, at: datetime) -> list[VerifyKey]:
        """The keys with which a peer may sign now, the newest first; none of a peer that is not trusted."""
        ...

    def former_keys(self, name: str) -> list[FormerKey]:
        """The keys of a peer that gave way to others and were not revoked, the oldest first."""
        ...

    def all(self) -> list[Peer]:
        """All peers by name."""
        ...


class NonceStore(Protocol):
    """Where nonces of verified requests are remembered."""

    def remember(self, key_id: str, nonce: str, *, until: datetime) -> bool:
        """Insert the nonce; False when it was there."""
        ...

    def forget_before(self, at: datetime) -> int:
        """Delete nonces that are no longer needed; returns how many."""
        ...
