"""Idempotency: a request with an Idempotency-Key is answered once; repeats get the same bytes for 24 hours.

The claim is inserted in the operation's own transaction, so claim and effect commit together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from keys.digests import sha256
from keys.keyring import Purpose
from keys.seal import binding, key_version_of, open_envelope, seal
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import IdempotencyMismatch, InvalidField, StillRunning
from ttp.core.idempotency import Claim, KeptAnswer
from ttp.core.ports import Transaction
from ttp.http.center import the_center, write

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
JSON = "application/json"


def answer_once(actor: Actor, step: Callable[[Transaction], bytes]) -> Response:
    """Run the step in a transaction and answer with its bytes, or with those of the same request before.

    Raises:
        IdempotencyMismatch: the key was used for another request.
        StillRunning: the same request is being worked on.
        InvalidField: the key is empty, longer than 200 characters or not printable ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return Response(write(step), mimetype=JSON)
    claim = _claim(actor, key)
    body, replayed = write(lambda tx: _claimed(the_center(), tx, claim, step))
    response = Response(body, mimetype=JSON)
    if replayed:
        response.headers[REPLAYED] = "true"
    return response


def _claim(actor: Actor, key: str) -> Claim:
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidField(f"{HEADER} has 1 to 200 printable ASCII characters.")
    digest = sha256(f"{request.method} {request.path}\n".encode() + request.get_data())
    return Claim(f"{actor.kind}:{actor.name}"[:63], key, digest, the_center().clock.now())


def _claimed(
    center: Center, tx: Transaction, claim: Claim, step: Callable[[Transaction], bytes]
) -> tuple[bytes, bool]:
    kept = tx.idempotency.claim(claim)
    if kept is not None:
        return _replay(center, claim, kept), True
    answer = step(tx)
    center.keyring.ensure(Purpose.SESSION)
    key = center.keyring.active(Purpose.SESSION)
    tx.idempotency.keep(
        claim, seal(key.secret, answer, key_version=key.version, bound_to=_bound(claim))
    )
    return answer, False


def _replay(center: Center, claim: Claim, kept: KeptAnswer) -> bytes:
    if kept.digest != claim.digest:
        raise IdempotencyMismatch
    if kept.sealed is None:
        raise StillRunning
    key = center.keyring.at(Purpose.SESSION, "", key_version_of(kept.sealed))
    return open_envelope(key.secret, kept.sealed, bound_to=_bound(claim))


def _bound(claim: Claim) -> bytes:
    return binding("idempotency", "sealed", "", f"{claim.client}\n{claim.key}".encode())
