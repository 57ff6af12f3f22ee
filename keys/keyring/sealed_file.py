"""The keyring file: one sealed whole, replaced as a whole, changed by one process at a time.

Layout: magic ‖ keyring ID (16) ‖ generation (8) ‖ data key version (8) ‖ wrapped data key
(12 + 32 + 16) ‖ nonce (12) ‖ sealed contents. The data key is random and wrapped under
`subkey(root, purpose="keyring")`; contents are sealed under the data key with everything
before the wrapped key as associated data (AES-256-GCM-SIV, RFC 8452).

After a destruction a new data key is drawn, so not even someone who kept the old data key
reads the file, and the file holds nothing of the destroyed secret.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.durable import create_durably, replace_durably
from keys.errors import KeyringDamaged

MAGIC = b"ttp-keyring/1\n\x00\x00"
_HEADER = struct.Struct(">16s16sQQ")
_WRAPPED_LENGTH = 12 + 32 + 16
_BODY_START = _HEADER.size + _WRAPPED_LENGTH

Stamp = tuple[int, int, int]
"""Modification time in ns, inode and size: changes whenever the file was replaced."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one reading of the file gave."""

    keyring_id: bytes
    generation: int
    data_key_version: int
    data_key: bytes = field(repr=False)
    content: bytes = field(repr=False)
    stamp: Stamp

    def next(self, content: bytes, *, fresh_data_key: bool) -> "Sealed":
        """Describe the following generation with other content."""
        return Sealed(
            keyring_id=self.keyring_id,
            generation=self.generation + 1,
            data_key_version=self.data_key_version + fresh_data_key,
            data_key=os.urandom(32) if fresh_data_key else self.data_key,
            content=content,
            stamp=self.stamp,
        )


class SealedFile:
    """Reads, replaces and locks the keyring file at one path under one root key."""

    def __init__(self, path: Path, root: RootKey) -> None:
        self._path = path
        self._wrapping = AESGCMSIV(subkey(root, purpose="keyring"))

    def create(self, content: bytes) -> Sealed:
        """Write generation 1 of a new keyring.

        Raises:
            FileExistsError: there is a file already; it is left as it was.
        """
        first = Sealed(os.urandom(16), 1, 1, os.urandom(32), content, (0, 0, 0))
        create_durably(self._path, self._encode(first))
        return self.read()

    def replace(self, sealed: Sealed) -> None:
        """Write a following generation; once this returns it survives a power cut."""
        replace_durably(self._path, self._encode(sealed))

    def read(self) -> Sealed:
        """Read and open the file.

        Raises:
            KeyringDamaged: missing, damaged, or sealed under another root.
        """
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                data = file.read()
        except OSError as error:
            raise KeyringDamaged(f"the keyring cannot be read: {error.strerror}") from None
        return self._decode(data, _stamp(status))

    def raw(self) -> bytes:
        """The file as it is, sealed.

        Raises:
            KeyringDamaged: it cannot be read.
        """
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise KeyringDamaged(f"the keyring cannot be read: {error.strerror}") from None

    def stamp(self) -> Stamp:
        """Look whether the file was replaced, without reading it.

        Raises:
            KeyringDamaged: the file is gone.
        """
        try:
            return _stamp(self._path.stat())
        except OSError as error:
            raise KeyringDamaged(f"the keyring cannot be read: {error.strerror}") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other writer out, in this process and in others on this host."""
        lock = self._path.with_name(f"{self._path.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _encode(self, sealed: Sealed) -> bytes:
        header = _HEADER.pack(MAGIC, sealed.keyring_id, sealed.generation, sealed.data_key_version)
        wrap_nonce, nonce = os.urandom(12), os.urandom(12)
        wrapped = wrap_nonce + self._wrapping.encrypt(wrap_nonce, sealed.data_key, header)
        return (
            header
            + wrapped
            + nonce
            + AESGCMSIV(sealed.data_key).encrypt(nonce, sealed.content, header)
        )

    def _decode(self, data: bytes, stamp: Stamp) -> Sealed:
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
        return Sealed(keyring_id, generation, version, data_key, content, stamp)


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_ino, status.st_size
