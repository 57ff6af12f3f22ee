"""Signatures: Ed25519 (RFC 8032); a key is named by its RFC 7638 thumbprint and nothing else."""

import base64
import binascii
import hashlib
import os
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from keys.errors import KeyFormatInvalid, SecretTooShort

KEY_LENGTH = 32
SIGNATURE_LENGTH = 64


class VerifyKey:
    """The public half of a signing key; two are equal when their 32 bytes are."""

    __slots__ = ("_key", "_raw", "key_id")

    key_id: str
    """RFC 7638 SHA-256 thumbprint, base64url without padding (43 characters)."""

    def __init__(self, raw: bytes) -> None:
        """Take the 32 raw bytes of RFC 8032 section 5.1.5.

        Raises:
            KeyFormatInvalid: not 32 bytes.
        """
        if len(raw) != KEY_LENGTH:
            raise KeyFormatInvalid("an Ed25519 public key has 32 bytes")
        self._raw = bytes(raw)
        self._key = Ed25519PublicKey.from_public_bytes(self._raw)
        self.key_id = _text(hashlib.sha256(rfc8785.dumps(self.to_jwk())).digest())

    @property
    def raw(self) -> bytes:
        """The 32 public bytes."""
        return self._raw

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The key as the cryptography library knows it."""
        return self._key

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature over the message was made by this key; never raises."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def to_jwk(self) -> dict[str, str]:
        """Describe the key by the members a thumbprint covers (RFC 8037 section 2)."""
        return {"crv": "Ed25519", "kty": "OKP", "x": _text(self._raw)}

    @classmethod
    def from_jwk(cls, document: Any) -> "VerifyKey":
        """Read a public JWK; other members are ignored, a private one is refused.

        Raises:
            KeyFormatInvalid: not an Ed25519 public key.
        """
        if not isinstance(document, dict) or "d" in document:
            raise KeyFormatInvalid("not a public key document")
        x = document.get("x")
        if document.get("kty") != "OKP" or document.get("crv") != "Ed25519":
            raise KeyFormatInvalid("not an Ed25519 key")
        if not isinstance(x, str):
            raise KeyFormatInvalid("the key document lacks its public bytes")
        return cls(_bytes(x))

    def to_pem(self) -> str:
        """Write the key as SubjectPublicKeyInfo PEM (RFC 8410)."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def from_pem(cls, text: str) -> "VerifyKey":
        """Read SubjectPublicKeyInfo PEM.

        Raises:
            KeyFormatInvalid: not an Ed25519 public key.
        """
        try:
            key = load_pem_public_key(text.encode())
        except ValueError:
            raise KeyFormatInvalid("not a public key in PEM form") from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFormatInvalid("not an Ed25519 key")
        return cls(key.public_bytes_raw())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and other.raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"VerifyKey({self.key_id})"


class SigningKey:
    """A private Ed25519 key; it signs and is never printed or serialized."""

    __slots__ = ("_key", "public")

    public: VerifyKey
    """The public half."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = VerifyKey(key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "SigningKey":
        """Draw a new key."""
        return cls.from_secret(os.urandom(KEY_LENGTH))

    @classmethod
    def from_secret(cls, secret: bytes) -> "SigningKey":
        """Make the key of a 32-byte seed, such as keyring material for signing.

        Raises:
            SecretTooShort: not 32 bytes.
        """
        if len(secret) != KEY_LENGTH:
            raise SecretTooShort("an Ed25519 seed has exactly 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def key_id(self) -> str:
        """RFC 7638 thumbprint of the public half."""
        return self.public.key_id

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """The key as the cryptography library knows it, for message signers of this package."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Sign a message: 64 bytes, the same for the same message."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    """Decode base64url without padding, one text per value only."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise KeyFormatInvalid("the key document is not base64url") from None
    if _text(data) != text:
        raise KeyFormatInvalid("the key document is not canonical base64url")
    return data
