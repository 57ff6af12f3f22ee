"""API keys: 160 random bits, shown once, stored only as a keyed digest.

A password hash would cost 33 ms a request and buys nothing: 160 bits cannot be guessed.
"""

import base64
import hmac
import secrets

from keys.errors import SecretTooShort

PREFIX = "ttp_"
_RANDOM_BYTES = 20


def generate() -> str:
    """Draw a new key: `ttp_` and 32 lower-case base32 characters (RFC 4648)."""
    return PREFIX + base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode("ascii").lower()


def digest(secret: bytes, api_key: str) -> bytes:
    """Digest a key for storage and lookup: HMAC-SHA-256 under the client key, 32 bytes.

    Raises:
        SecretTooShort: the keyring's secret has fewer than 32 bytes.
    """
    if len(secret) < 32:
        raise SecretTooShort("an API key digest needs a secret of at least 32 bytes")
    return hmac.digest(secret, api_key.encode(), "sha256")
