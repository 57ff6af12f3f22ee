"""File custody: the root key sealed under a passphrase; without it the file is noise.

The file is JSON. Its key comes from argon2id (RFC 9106) with the parameters the file
states; these are part of the associated data, so nobody weakens them unnoticed. 64 MiB
and 3 passes are the low-memory recommendation of RFC 9106 section 4.
"""

import base64
import binascii
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argon2.exceptions import Argon2Error
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from keys.custody.root_key import ROOT_KEY_LENGTH, RootKey
from keys.durable import create_durably, replace_durably
from keys.errors import CannotUnseal, SecretTooShort

FORMAT = "ttp-root/1"
MIN_PASSPHRASE = 8
PASSES, MEMORY_KIB, LANES = 3, 64 * 1024, 4
"""What new files are sealed with."""
_MAX_FILE = 16 * 1024
_MAX_MEMORY_KIB = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stretching:
    """Cost of one guess at the passphrase: passes, memory in KiB, lanes, salt."""

    passes: int
    memory_kib: int
    lanes: int
    salt: str

    def key(self, passphrase: bytes) -> bytes:
        """Stretch the passphrase to a 32-byte key."""
        return hash_secret_raw(
            secret=passphrase,
            salt=base64.b64decode(self.salt, validate=True),
            time_cost=self.passes,
            memory_cost=self.memory_kib,
            parallelism=self.lanes,
            hash_len=32,
            type=Type.ID,
        )


def create(path: Path, *, passphrase: bytes) -> RootKey:
    """Draw a new root key and write it sealed; the file must not exist.

    Raises:
        FileExistsError: `path` exists; it is left as it was.
        SecretTooShort: the passphrase has fewer than 8 bytes.
    """
    root = RootKey.drawn()
    create_durably(path, _sealed(root, passphrase))
    return root


def unseal(path: Path, *, passphrase: bytes) -> RootKey:
    """Open the root key.

    Raises:
        CannotUnseal: wrong passphrase, or a missing, damaged or foreign file; which of
            these is not told, except that the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MAX_FILE))
    except OSError as error:
        raise CannotUnseal(f"the root key file cannot be read: {error.strerror}") from None
    except ValueError:
        raise CannotUnseal("the root key file is damaged") from None
    return _opened(document, passphrase)


def rewrap(path: Path, *, passphrase: bytes, new_passphrase: bytes) -> None:
    """Seal the same root key under a new passphrase and today's parameters.

    Raises:
        CannotUnseal: the old passphrase does not open the file; nothing is changed.
        SecretTooShort: the new passphrase has fewer than 8 bytes.
    """
    root = unseal(path, passphrase=passphrase)
    try:
        replace_durably(path, _sealed(root, new_passphrase))
    finally:
        root.wipe()


def _sealed(root: RootKey, passphrase: bytes) -> bytes:
    if len(passphrase) < MIN_PASSPHRASE:
        raise SecretTooShort(f"a passphrase has at least {MIN_PASSPHRASE} bytes")
    stretching = Stretching(PASSES, MEMORY_KIB, LANES, salt=_text(os.urandom(16)))
    nonce = os.urandom(12)
    sealed = AESGCMSIV(stretching.key(passphrase)).encrypt(nonce, root, _bound_to(stretching))
    document = {
        "format": FORMAT,
        "argon2id": asdict(stretching),
        "nonce": _text(nonce),
        "sealed": _text(sealed),
    }
    return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"


def _opened(document: Any, passphrase: bytes) -> RootKey:
    try:
        stretching = _checked(Stretching(**document["argon2id"]))
        nonce = base64.b64decode(document["nonce"], validate=True)
        sealed = base64.b64decode(document["sealed"], validate=True)
        cipher = AESGCMSIV(stretching.key(passphrase))
        root = RootKey(ROOT_KEY_LENGTH)
        cipher.decrypt_into(nonce, sealed, _bound_to(stretching), root)
    except (KeyError, TypeError, ValueError, binascii.Error, Argon2Error, InvalidTag):
        raise CannotUnseal("wrong passphrase, or the root key file is damaged") from None
    if document.get("format") != FORMAT:
        root.wipe()
        raise CannotUnseal("wrong passphrase, or the root key file is damaged")
    return root


def _checked(stretching: Stretching) -> Stretching:
    """Refuse parameters that would eat the machine before the seal could be checked."""
    numbers = (stretching.passes, stretching.memory_kib, stretching.lanes)
    if any(type(number) is not int for number in numbers):
        raise TypeError("parameters are whole numbers")
    if not (1 <= stretching.passes <= 64 and 1 <= stretching.lanes <= 64):
        raise ValueError("parameters out of range")
    if not 8 <= stretching.memory_kib <= _MAX_MEMORY_KIB:
        raise ValueError("parameters out of range")
    return stretching


def _bound_to(stretching: Stretching) -> bytes:
    return json.dumps([FORMAT, asdict(stretching)], sort_keys=True).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
