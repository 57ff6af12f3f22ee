"""Recipients: sealed to one public key, in one context; only its holder opens it there.

Between centers: HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
AES-256-GCM. HPKE in base mode says nothing of the sender: the message that carries the
sealed bytes is signed. Releases go to age or SSH recipients (age-encryption.org/v1).
"""

import base64
import hashlib
import os
from typing import Any

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keys.errors import KeyFormatInvalid, NotSealedForUs, SecretTooShort

KEY_LENGTH = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LABEL = b"ttp/hpke/v1\x00"


class TransportKey:
    """The X25519 key of a center to which others seal; never printed."""

    __slots__ = ("_key", "public")

    public: bytes
    """The 32 public bytes (RFC 7748)."""

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "TransportKey":
        """Draw a new key."""
        return cls.from_secret(os.urandom(KEY_LENGTH))

    @classmethod
    def from_secret(cls, secret: bytes) -> "TransportKey":
        """Make the key of 32 secret bytes, such as keyring material for transport.

        Raises:
            SecretTooShort: not 32 bytes.
        """
        if len(secret) != KEY_LENGTH:
            raise SecretTooShort("an X25519 secret has exactly 32 bytes")
        return cls(X25519PrivateKey.from_private_bytes(secret))

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Open what `seal_to` sealed for this key in the same context.

        Raises:
            NotSealedForUs: another key, another context, or damaged.
        """
        try:
            return _SUITE.decrypt(sealed, self._key, info=_LABEL + context)
        except (InvalidTag, ValueError):
            raise NotSealedForUs("the sealed message does not open with this key here") from None

    def __repr__(self) -> str:
        return f"TransportKey({self.public.hex()})"


def seal_to(public: bytes, plaintext: bytes, *, context: bytes) -> bytes:
    """Seal a message to a center's 32-byte X25519 key, for one context.

    The context (for example sender, recipient and project) is not sent; whoever opens must
    state the same bytes.

    Raises:
        KeyFormatInvalid: not an X25519 public key, or one of small order.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return _SUITE.encrypt(plaintext, key, info=_LABEL + context)
    except ValueError:
        raise KeyFormatInvalid("not a usable X25519 public key") from None


def encrypt_to_age(recipient: str, data: bytes) -> bytes:
    """Encrypt to `age1…`, `ssh-ed25519 …` or `ssh-rsa …`; the result is a binary age file.

    Raises:
        KeyFormatInvalid: the recipient cannot be read.
    """
    return bytes(pyrage.encrypt(data, [_recipient(recipient)]))


def decrypt_age(identity_text: str, data: bytes) -> bytes:
    """Decrypt an age file with `AGE-SECRET-KEY-1…` or an unencrypted OpenSSH private key.

    Raises:
        KeyFormatInvalid: the identity cannot be read.
        NotSealedForUs: encrypted to someone else, or damaged.
    """
    identity = _identity(identity_text.strip())
    try:
        return bytes(pyrage.decrypt(data, [identity]))
    except pyrage.DecryptError:
        raise NotSealedForUs("the file does not open with this identity") from None


def recipient_fingerprint(recipient: str) -> str:
    """Name a recipient as `ssh-keygen -l` does: `SHA256:` and base64 without padding.

    Of an SSH key its binary form is digested, of an age recipient its text; a comment after
    the key changes nothing.

    Raises:
        KeyFormatInvalid: the recipient cannot be read.
    """
    _recipient(recipient)
    words = recipient.split()
    key = words[0].encode() if len(words) == 1 else base64.b64decode(words[1])
    digest = base64.b64encode(hashlib.sha256(key).digest()).rstrip(b"=")
    return f"SHA256:{digest.decode('ascii')}"


def _recipient(text: str) -> Any:
    text = text.strip()
    kind = pyrage.x25519 if text.startswith("age1") else pyrage.ssh
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise KeyFormatInvalid("not an age or SSH recipient") from None


def _identity(text: str) -> Any:
    try:
        if text.startswith("AGE-SECRET-KEY-1"):
            return pyrage.x25519.Identity.from_str(text)
        return pyrage.ssh.Identity.from_buffer(text.encode() + b"\n")
    except pyrage.IdentityError:
        raise KeyFormatInvalid("not an age or SSH identity") from None
