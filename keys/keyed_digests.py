"""Keyed digests: HMAC-SHA-256 of many values under one key, cut to what is stored (RFC 2104, FIPS 180-4).

The key is scheduled once for all values; that is half of what a digest of a short value costs.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


def keyed_digests(
    secret: bytes, values: Iterable[bytes], *, length: int, label: bytes = b""
) -> list[bytes]:
    """The first `length` bytes of HMAC-SHA-256 of label and value, for each value; order is kept."""
    scheduled = HMAC(secret, SHA256())
    scheduled.update(label)
    fresh = scheduled.copy
    digests = []
    for value in values:
        digest = fresh()
        digest.update(value)
        digests.append(digest.finalize()[:length])
    return digests
