"""Answer a peer: nobody but a trusted center, with an untouched, fresh request meant for us, is answered, and once."""

from __future__ import annotations

from datetime import UTC, datetime

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import (
    SKEW_SECONDS,
    PinnedKey,
    ReceivedRequest,
    VerifiedRequest,
    sign_response,
    verify_request,
)
from ttp.core.access import Actor, Right, peer_actor
from ttp.core.center import Center
from ttp.core.names import CenterName
from ttp.core.ports import Transaction
from ttp.services.log.sequence_leaves import audit_signing_key


def admit_request(
    center: Center, message: ReceivedRequest, *, arrived: datetime
) -> tuple[Actor, VerifiedRequest]:
    """The peer that sent this request. Its nonce is committed before this returns, so before any effect.

    ``arrived`` is when the headers came, however long the body took. What remains for the use case: whether
    this peer may do what it asks, and its budget.

    Raises:
        SignatureRejected: with the reason of the first step that failed.
    """
    verified = verify_request(
        message,
        recipient=center.name,
        find_key=lambda key_id: _pinned(center, key_id),
        arrived=int(arrived.timestamp()),
        remember_nonce=lambda key_id, nonce, until: _remember(center, key_id, nonce, until),
    )
    _require_later_than_restore(center, verified)
    actor = peer_actor(CenterName(verified.center))
    actor.require(Right.FEDERATE)
    return actor, verified


def sign_answer(
    center: Center, request: VerifiedRequest, *, status: int, body: bytes, content_type: str
) -> dict[str, str]:
    """The headers that bind an answer of this center to one request."""
    return sign_response(
        status,
        body,
        request=request,
        key=audit_signing_key(center),
        center=center.name,
        now=int(center.clock.now().timestamp()),
        content_type=content_type,
    )


def forget_nonces(center: Center, tx: Transaction) -> int:
    """Delete nonces whose requests have expired; returns 0, for there is nothing to hurry about."""
    tx.nonces.forget_before(center.clock.now())
    return 0


def _require_later_than_restore(center: Center, verified: VerifiedRequest) -> None:
    """Nonces of the time before a restore are lost, so what was signed then could come again.

    Clocks of peers may be ahead by the skew that freshness allows; so long is added.
    """
    restored = center.work.run(lambda tx: tx.restores.last_at(), write=False)
    if restored is not None and verified.created <= restored.timestamp() + SKEW_SECONDS:
        raise SignatureRejected(RejectionReason.BEFORE_RESTORE)


def _pinned(center: Center, key_id: str) -> PinnedKey | None:
    return center.work.run(lambda tx: tx.peers.by_key(key_id), write=False)


def _remember(center: Center, key_id: str, nonce: str, until: int) -> bool:
    kept_until = datetime.fromtimestamp(until, UTC)
    return center.work.run(lambda tx: tx.nonces.remember(key_id, nonce, until=kept_until))
