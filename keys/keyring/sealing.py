"""The sealed keyring: one whole under the root, whatever store it lies in.

Layout: magic ‖ keyring ID (16) ‖ generation (8) ‖ data key version (8) ‖ wrapped data key
(12 + 32 + 16) ‖ nonce (12) ‖ sealed contents. The data key is random and wrapped under
`subkey(root, purpose="keyring")`; contents are sealed under the data key with everything
before the wrapped key as associated data (AES-256-GCM-SIV, RFC 8452).

After a destruction a new data key is drawn, so not even someone who kept the old data key
reads the new whole, and it holds nothing of the destroyed secret.
"""

import os
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.errors import KeyringDamaged

MAGIC = b"ttp-keyring/1\n\x00\x00"
_HEADER = struct.Struct(">16s16sQQ")
_WRAPPED_LENGTH = 12 + 32 + 16
_BODY_START = _HEADER.size + _WRAPPED_LENGTH


@dataclass(frozen=True, slots=True)
class Sealed:
    """One generation, opened."""

    keyring_id: bytes
    generation: int
    data_key_version: int
    data_key: bytes = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def first(cls, content: bytes) -> "Sealed":
        """Generation 1 of a new keyring."""
        return cls(os.urandom(16), 1, 1, os.urandom(32), content)

    def next(self, content: bytes, *, fresh_data_key: bool, beyond: int = 0) -> "Sealed":
        """The following generation with other content; it comes after `beyond`, too."""
        return Sealed(
            keyring_id=self.keyring_id,
            generation=max(self.generation, beyond) + 1,
            data_key_version=self.data_key_version + fresh_data_key,
            data_key=os.urandom(32) if fresh_data_key else self.data_key,
            content=content,
        )


class Sealing:
    """Seals and opens generations under one root key."""

    def __init__(self, root: RootKey) -> None:
        self._wrapping = AESGCMSIV(subkey(root, purpose="keyring"))

    def seal(self, sealed: Sealed) -> bytes:
        """Give the whole that a store keeps."""
        header = _HEADER.pack(MAGIC, sealed.keyring_id, sealed.generation, sealed.data_key_version)
        wrap_nonce, nonce = os.urandom(12), os.urandom(12)
        wrapped = wrap_nonce + self._wrapping.encrypt(wrap_nonce, sealed.data_key, header)
        return (
            header
            + wrapped
            + nonce
            + AESGCMSIV(sealed.data_key).encrypt(nonce, sealed.content, header)
        )

    def open(self, data: bytes) -> Sealed:
        """Open what a store kept.

        Raises:
            KeyringDamaged: damaged, foreign, or sealed under another root.
        """
        header, wrapped, body = (
            data[: _HEADER.size],
            data[_HEADER.size : _BODY_START],
            data[_BODY_START:],
        )
        if header[: len(MAGIC)] != MAGIC:
            raise KeyringDamaged("this is no keyring of the format this version knows")
        try:
            _, keyring_id, generation, version = _HEADER.unpack(header)
            data_key = self._wrapping.decrypt(wrapped[:12], wrapped[12:], header)
            content = AESGCMSIV(data_key).decrypt(body[:12], body[12:], header)
        except (struct.error, ValueError, InvalidTag):
            raise KeyringDamaged("the keyring is damaged or belongs to another root") from None
        return Sealed(keyring_id, generation, version, data_key, content)
