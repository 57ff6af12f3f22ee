"""API keys: 160 random bits with a checksum, shown once, stored only as a keyed digest.

A password hash would cost 33 ms a request and buys nothing: 160 bits cannot be guessed. Prefix and checksum let
scanners of secrets find a leaked key and tell it from other text: ``ttp_[a-z2-7]{39}``.
"""

import base64
import hmac
import re
import secrets
import zlib

from keys.errors import SecretTooShort

PREFIX = "ttp_"
PATTERN = re.compile(r"ttp_[a-z2-7]{32}(?:[a-z2-7]{7})?")
_RANDOM_BYTES = 20
_RANDOM_END = len(PREFIX) + 32


def generate() -> str:
    """Draw a new key: ``ttp_``, 32 lower-case base32 characters (RFC 4648) and 7 more of their CRC-32."""
    drawn = PREFIX + _base32(secrets.token_bytes(_RANDOM_BYTES))
    return drawn + _checksum(drawn)


def is_well_formed(api_key: str) -> bool:
    """Whether a text can be an API key: its checksum fits, or it is of the kind made before there was one."""
    if not PATTERN.fullmatch(api_key):
        return False
    checksum = api_key[_RANDOM_END:]
    return not checksum or checksum == _checksum(api_key[:_RANDOM_END])


def digest(secret: bytes, api_key: str) -> bytes:
    """Digest a key for storage and lookup: HMAC-SHA-256 under the client key, 32 bytes.

    Raises:
        SecretTooShort: the keyring's secret has fewer than 32 bytes.
    """
    if len(secret) < 32:
        raise SecretTooShort("an API key digest needs a secret of at least 32 bytes")
    return hmac.digest(secret, api_key.encode(), "sha256")


def _checksum(text: str) -> str:
    """The CRC-32 (ISO 3309) in 7 base32 characters; it finds typing errors and is no secret."""
    return _base32(zlib.crc32(text.encode("ascii")).to_bytes(4, "big"))


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").lower().rstrip("=")
