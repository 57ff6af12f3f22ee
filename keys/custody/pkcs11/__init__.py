"""HSM custody: the root key lies in a file that only a key inside the HSM opens.

Envelope use: the HSM decrypts 32 bytes once, at unsealing, and is never on the path of a
request. The wrapping key is made in the HSM and cannot be read (PKCS #11 v2.40: sensitive,
never extractable); copying disks or backups gives nothing without the token and its PIN.
Whoever has both can open: joining several persons for that is the HSM's own affair (its
quorum of PIN holders) or that of `quorum:` custody.

The file is JSON. The root is sealed by AES-256-GCM in the HSM, with format and key name as
associated data.
"""

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any

from keys.custody.pkcs11.token import NONCE_LENGTH, wrapping_key
from keys.custody.pkcs11.uri import HSMKey
from keys.custody.root_key import ROOT_KEY_LENGTH, RootKey
from keys.durable import create_durably
from keys.errors import CannotUnseal, SecretTooShort

__all__ = ["FORMAT", "HSMKey", "create", "unseal"]

FORMAT = "ttp-root-hsm/1"
_MAX_FILE = 16 * 1024


def create(uri: str, *, pin: bytes, root: RootKey | None = None) -> RootKey:
    """Write a root key, wrapped by the HSM, to the file the URI names; it must not exist.

    A wrapping key of that name in the token is used, if it is protected as ours would be;
    where there is none, one is generated. A new root is drawn, unless one is given that
    another custody holds so far. The PIN is that of the URI's `pin-source`, if it names one.

    Raises:
        FileExistsError: the file exists; it is left as it was, and no key is generated.
        CustodyURIInvalid: the URI cannot be read.
        SecretTooShort: the given root is not 32 bytes.
        CannotUnseal: one of `HSMUnavailable`, `TokenNotFound`, `PINRefused`,
            `HSMKeyNotFound`, `HSMKeyUnfit`.
    """
    place = HSMKey.parse(uri)
    if root is not None and len(root) != ROOT_KEY_LENGTH:
        raise SecretTooShort(f"a root key has exactly {ROOT_KEY_LENGTH} bytes")
    if place.wrapped.exists():
        raise FileExistsError(str(place.wrapped))
    root = root or RootKey.drawn()
    nonce = os.urandom(NONCE_LENGTH)
    with wrapping_key(place, pin=place.pin(pin), make=True) as key:
        sealed = key.encrypt(bytes(root), nonce=nonce, bound_to=_bound_to(place))
    document = {
        "format": FORMAT,
        "object": place.object,
        "nonce": _text(nonce),
        "sealed": _text(sealed),
    }
    create_durably(place.wrapped, json.dumps(document, indent=2, sort_keys=True).encode() + b"\n")
    return root


def unseal(uri: str, *, pin: bytes) -> RootKey:
    """Open the root key, by one decryption in the HSM.

    The file is read before the HSM is asked, so that a missing file costs no try of the PIN.

    Raises:
        CustodyURIInvalid: the URI cannot be read.
        CannotUnseal: the file is missing, damaged or of another key, or one of
            `HSMUnavailable`, `TokenNotFound`, `PINRefused`, `HSMKeyNotFound`, `HSMKeyUnfit`.
    """
    place = HSMKey.parse(uri)
    nonce, sealed = _wrapped(place.wrapped)
    with wrapping_key(place, pin=place.pin(pin)) as key:
        root = key.decrypt(sealed, nonce=nonce, bound_to=_bound_to(place))
    if len(root) != ROOT_KEY_LENGTH:
        raise CannotUnseal("the wrapped root is damaged, or of another key")
    return RootKey(root)


def _wrapped(path: Path) -> tuple[bytes, bytes]:
    try:
        with path.open("rb") as file:
            return _parts(json.loads(file.read(_MAX_FILE)))
    except OSError as error:
        raise CannotUnseal(f"the wrapped root cannot be read: {error.strerror}") from None
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error):
        raise CannotUnseal("the wrapped root is damaged, or of another format") from None


def _parts(document: Any) -> tuple[bytes, bytes]:
    nonce = base64.b64decode(document["nonce"], validate=True)
    sealed = base64.b64decode(document["sealed"], validate=True)
    if document["format"] != FORMAT or len(nonce) != NONCE_LENGTH:
        raise ValueError("another format")
    return nonce, sealed


def _bound_to(place: HSMKey) -> bytes:
    return json.dumps([FORMAT, place.object]).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
