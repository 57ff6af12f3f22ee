"""Idempotency: a request with an Idempotency-Key is answered once; repeats get the same bytes for 24 hours.

The claim is inserted in the operation's own transaction, so claim and effect commit together or not at all. What
tells that the same request came again is a keyed digest: requests hold originals, and who has the database could try
all of them against a plain one. With the answer the hashes of its leaves are kept. Answers above 16 MiB are not kept:
such a request is refused before anything is done, and has to be cut into smaller ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from flask import Response, request

from keys.blind_index import blind_index
from keys.derive import subkey
from keys.digests import sha256
from keys.keyring import KeyMaterial, Purpose
from keys.randomness import equal
from keys.seal import binding, key_version_of, open_envelope, seal
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import IdempotencyMismatch, InvalidField, StillRunning, TooManyItems
from ttp.core.idempotency import Claim, KeptAnswer
from ttp.core.ports import Transaction
from ttp.http.acknowledgment import MOST_NAMED, remember
from ttp.http.center import the_center, write
from ttp.http.lines import JSON, NDJSON, LineRequest, in_lines, wants_lines

T = TypeVar("T")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
MAXIMAL_KEPT = 16 * 1024 * 1024
_WITH_LEAVES = b"\x01"
"""Begins a kept answer that names its leaves; kept JSON never begins with it."""
_HASH = 32
_LONGEST_CLIENT = 63


def answer_once(
    actor: Actor, step: Callable[[Transaction], bytes], *, mimetype: str = JSON
) -> Response:
    """Run the step in a transaction and answer with its bytes, or with those of the same request before.

    Raises:
        IdempotencyMismatch: the key was used for another request.
        StillRunning: the same request is being worked on.
        InvalidField: the key is empty, longer than 200 characters or not printable ASCII.
        TooManyItems: the answer is too large to be kept; nothing was done.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return Response(write(step), mimetype=mimetype)
    claim = _claim(actor, key)
    body, leaves, replayed = write(lambda tx: _claimed(the_center(), tx, claim, step))
    response = Response(body, mimetype=mimetype)
    if replayed:
        remember(leaves)
        response.headers[REPLAYED] = "true"
    return response


def answer_list(
    actor: Actor, step: Callable[[Transaction], Sequence[T]], entry: Callable[[T], Any]
) -> Response:
    """Run the step in a transaction and answer with an entry for each of its items, in their order.

    As JSON they are the ``results`` of one object; as NDJSON they are lines, streamed after the commit.

    Raises:
        IdempotencyMismatch, StillRunning, InvalidField, TooManyItems: as ``answer_once``.
    """
    if HEADER not in request.headers:
        return respond_list(write(step), entry)
    if wants_lines():
        return answer_once(actor, lambda tx: b"".join(in_lines(step(tx), entry)), mimetype=NDJSON)
    return answer_once(actor, lambda tx: _as_json(step(tx), entry))


def respond_list(items: Sequence[T], entry: Callable[[T], Any]) -> Response:
    """An answer with an entry for each item, in the form that the caller takes."""
    if wants_lines():
        return Response(in_lines(items, entry), mimetype=NDJSON)
    return Response(_as_json(items, entry), mimetype=JSON)


def _as_json(items: Sequence[T], entry: Callable[[T], Any]) -> bytes:
    return orjson.dumps({"results": [entry(item) for item in items]})


def _claim(actor: Actor, key: str) -> Claim:
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidField(f"{HEADER} has 1 to 200 printable ASCII characters.")
    center = the_center()
    center.keyring.ensure(Purpose.SESSION)
    digest = _digest(center.keyring.active(Purpose.SESSION))
    return Claim(_client_of(actor), key, digest, center.clock.now())


def _client_of(actor: Actor) -> str:
    """Tells callers apart in the 63 characters there are: a longer name stands by its digest."""
    name = f"{actor.kind}:{actor.name}"
    if len(name) <= _LONGEST_CLIENT:
        return name
    return f"{actor.kind}#{sha256(name.encode()).hex()[:48]}"


def _digest(key: KeyMaterial) -> bytes:
    """Tell this request from every other one (16 bytes), under a key that seals nothing."""
    form = f" {NDJSON}" if wants_lines() else ""
    text = f"{request.method} {request.path}{form}\n".encode() + _sent()
    return blind_index(subkey(key.secret, purpose="request"), text)


def _sent() -> bytes:
    """The body, or the digest of one that was read as lines."""
    if isinstance(request, LineRequest) and request.lines is not None:
        return request.lines.digest
    return request.get_data()


def _claimed(
    center: Center, tx: Transaction, claim: Claim, step: Callable[[Transaction], bytes]
) -> tuple[bytes, list[bytes], bool]:
    kept = tx.idempotency.claim(claim)
    if kept is not None:
        return *_replay(center, claim, kept), True
    answer = step(tx)
    if len(answer) > MAXIMAL_KEPT:
        raise TooManyItems("The answer is too large to be kept; cut the request into smaller ones.")
    key = center.keyring.active(Purpose.SESSION)
    packed = _packed(answer, tx.leaves[:MOST_NAMED])
    tx.idempotency.keep(
        claim, seal(key.secret, packed, key_version=key.version, bound_to=_bound(claim))
    )
    return answer, [], False


def _replay(center: Center, claim: Claim, kept: KeptAnswer) -> tuple[bytes, list[bytes]]:
    if kept.sealed is None:
        raise StillRunning
    key = center.keyring.at(Purpose.SESSION, "", key_version_of(kept.sealed))
    if not equal(kept.digest, _digest(key)):
        raise IdempotencyMismatch
    return _unpacked(open_envelope(key.secret, kept.sealed, bound_to=_bound(claim)))


def _packed(answer: bytes, leaves: Sequence[bytes]) -> bytes:
    return b"".join((_WITH_LEAVES, bytes([len(leaves)]), *leaves, answer))


def _unpacked(kept: bytes) -> tuple[bytes, list[bytes]]:
    """The answer and its leaves; answers kept by an older program name none."""
    if kept[:1] != _WITH_LEAVES:
        return kept, []
    end = 2 + kept[1] * _HASH
    return kept[end:], [kept[start : start + _HASH] for start in range(2, end, _HASH)]


def _bound(claim: Claim) -> bytes:
    return binding("idempotency", "sealed", "", f"{claim.client}\n{claim.key}".encode())
