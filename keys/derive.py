"""Derivation: one secret gives many keys, and no key tells anything about another."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.errors import SecretTooShort

KEY_LENGTH = 32
_LABEL = b"ttp/v1"


def subkey(root: bytes | bytearray, *, purpose: str, domain: str = "", version: int = 1) -> bytes:
    """Derive the 32-byte key for one purpose, domain and version (HKDF-SHA-256, RFC 5869).

    Two domains never share a subkey, so pseudonyms of one original in two domains cannot
    be linked without the root. Every field is length-prefixed: no two different triples
    give the same input.

    Raises:
        SecretTooShort: `root` has fewer than 32 bytes.
    """
    if len(root) < KEY_LENGTH:
        raise SecretTooShort("a root of derivation needs at least 32 bytes")
    info = _LABEL + b"".join(
        len(field).to_bytes(4, "big") + field
        for field in (purpose.encode(), domain.encode(), version.to_bytes(8, "big"))
    )
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=info).derive(root)
