"""Idempotency: a request with an Idempotency-Key is answered once; repeats get the same bytes for 24 hours.

The claim is inserted in the operation's own transaction, so claim and effect commit together or not at all. What
tells that the same request came again is a keyed digest: requests hold originals, and who has the database could try
all of them against a plain one.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from keys.blind_index import blind_index
from keys.derive import subkey
from keys.keyring import KeyMaterial, Purpose
from keys.randomness import equal
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
    center = the_center()
    center.keyring.ensure(Purpose.SESSION)
    digest = _digest(center.keyring.active(Purpose.SESSION))
    return Claim(f"{actor.kind}:{actor.name}"[:63], key, digest, center.clock.now())


def _digest(key: KeyMaterial) -> bytes:
    """Tell this request from every other one (16 bytes), under a key that seals nothing."""
    text = f"{request.method} {request.path}\n".encode() + request.get_data()
    return blind_index(subkey(key.secret, purpose="request"), text)


def _claimed(
    center: Center, tx: Transaction, claim: Claim, step: Callable[[Transaction], bytes]
) -> tuple[bytes, bool]:
    kept = tx.idempotency.claim(claim)
    if kept is not None:
        return _replay(center, claim, kept), True
    answer = step(tx)
    key = center.keyring.active(Purpose.SESSION)
    tx.idempotency.keep(
        claim, seal(key.secret, answer, key_version=key.version, bound_to=_bound(claim))
    )
    return answer, False


def _replay(center: Center, claim: Claim, kept: KeptAnswer) -> bytes:
    if kept.sealed is None:
        raise StillRunning
    key = center.keyring.at(Purpose.SESSION, "", key_version_of(kept.sealed))
    if not equal(kept.digest, _digest(key)):
        raise IdempotencyMismatch
    return open_envelope(key.secret, kept.sealed, bound_to=_bound(claim))


def _bound(claim: Claim) -> bytes:
    return binding("idempotency", "sealed", "", f"{claim.client}\n{claim.key}".encode())
