"""Trusted keys: the public keys that a trust file names; whoever verifies offline believes these and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from keys.errors import KeyFormatInvalid
from keys.signatures import VerifyKey
from ttp.core.audit_trust import VERSION, AuditTrust, TrustFileInvalid


def center_keys(trust_file: bytes, statements: Iterable[object] = ()) -> Mapping[str, VerifyKey]:
    """The signing keys of the centers in a trust file by key ID; those of witnesses sign no releases.

    A key that gave way to another still verifies what it signed; one that was revoked does not. ``statements``
    add the keys that follow from those.

    Raises:
        TrustFileInvalid: it is not a trust file, or names a key wrongly.
    """
    try:
        document = orjson.loads(trust_file)
        entries = [(key["key_id"], key["signing_key"]) for key in _entries(document["centers"])]
        keys = {key.key_id: key for key in (VerifyKey.from_jwk(jwk) for _, jwk in entries)}
    except (orjson.JSONDecodeError, KeyError, TypeError, KeyFormatInvalid) as error:
        raise TrustFileInvalid from error
    if not keys or {key_id for key_id, _ in entries} != set(keys):
        raise TrustFileInvalid("The trust file names no key, or a key by another's ID.")
    named = [{"origin": "", **entry} for entry in document["centers"]]
    trust = AuditTrust.from_document({"version": VERSION, "centers": named}).succeeded(statements)
    return {one.key.key_id: one.key for one in trust.centers if not one.revoked}


def _entries(centers: Sequence[Any]) -> Iterator[Any]:
    for entry in centers:
        yield entry
        yield from entry.get("former_keys", [])
