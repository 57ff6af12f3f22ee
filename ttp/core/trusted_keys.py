"""Trusted keys: the public keys that a trust file names; whoever verifies offline believes these and no others."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from keys.errors import KeyFormatInvalid
from keys.signatures import VerifyKey
from ttp.core.audit_trust import TrustFileInvalid


def center_keys(trust_file: bytes) -> Mapping[str, VerifyKey]:
    """The signing keys of the centers in a trust file by key ID; those of witnesses sign no releases.

    Raises:
        TrustFileInvalid: it is not a trust file, or names a key wrongly.
    """
    try:
        document = orjson.loads(trust_file)
        entries = [(entry["key_id"], entry["signing_key"]) for entry in document["centers"]]
        keys = {key.key_id: key for key in (VerifyKey.from_jwk(jwk) for _, jwk in entries)}
    except (orjson.JSONDecodeError, KeyError, TypeError, KeyFormatInvalid) as error:
        raise TrustFileInvalid from error
    if not keys or {key_id for key_id, _ in entries} != set(keys):
        raise TrustFileInvalid("The trust file names no key, or a key by another's ID.")
    return keys
