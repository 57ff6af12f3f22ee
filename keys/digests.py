"""Digests: the same content always has the same digest, whoever computes it."""

import hashlib
import json
from collections.abc import Iterable

import rfc8785

from keys.transparency import leaf_hash, root_of


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


class RunningSha256:
    """SHA-256 of bytes that come in pieces (FIPS 180-4)."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, piece: bytes) -> None:
        """Go on with the next piece."""
        self._hash.update(piece)

    def digest(self) -> bytes:
        """The digest of everything so far, 32 bytes."""
        return self._hash.digest()


def canonical_json(document: object) -> bytes:
    """Serialize to the one canonical JSON text of a document (RFC 8785).

    Raises:
        ValueError: no such text exists: NaN, infinities, integers beyond 2⁵³.
        TypeError: a value JSON has no word for.
    """
    return rfc8785.dumps(json.loads(json.dumps(document, allow_nan=False)))


def items_root(items: Iterable[bytes]) -> bytes:
    """Merkle root over items in their order (RFC 6962 section 2.1), 32 bytes."""
    return root_of([leaf_hash(item) for item in items])
