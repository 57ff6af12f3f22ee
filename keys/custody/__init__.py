"""Custody: where the root key lives is a URI, not an `if` somewhere in the service."""

from collections.abc import Callable
from pathlib import Path

from keys.custody import file, pkcs11, quorum
from keys.custody.root_key import ROOT_KEY_LENGTH, RootKey
from keys.errors import CannotUnseal, CustodyUnknown

__all__ = ["ROOT_KEY_LENGTH", "RootKey", "open_custody"]


def _open_file(place: str, passphrase: bytes) -> RootKey:
    return file.unseal(Path(place), passphrase=passphrase)


def _open_pkcs11(place: str, passphrase: bytes) -> RootKey:
    return pkcs11.unseal(f"pkcs11:{place}", pin=passphrase)


def _open_quorum(place: str, passphrase: bytes) -> RootKey:
    try:
        lines = passphrase.decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise CannotUnseal("shares are letters, digits and hyphens") from None
    return quorum.unseal(Path(place), shares=[line for line in lines if line.strip()])


_OPENERS: dict[str, Callable[[str, bytes], RootKey]] = {
    "file": _open_file,
    "pkcs11": _open_pkcs11,
    "quorum": _open_quorum,
}


def open_custody(uri: str, *, passphrase: bytes) -> RootKey:
    """Open the root key that `uri` names, such as `file:/var/lib/ttp/root.json`.

    `passphrase` is what opens it: for `file:` the passphrase, for `pkcs11:` the PIN (not
    used if the URI has a `pin-source`), for `quorum:` the shares, one a line. Where shares
    arrive one by one, use `keys.custody.quorum.Collector`.

    Raises:
        CustodyUnknown: the URI has no scheme, or one this installation does not have.
        CannotUnseal: wrong passphrase, or a missing, damaged or foreign file; of `pkcs11:`
            and `quorum:` the errors below it in `keys.custody.errors`.
    """
    scheme, separator, place = uri.partition(":")
    opener = _OPENERS.get(scheme) if separator else None
    if opener is None:
        known = ", ".join(f"{name}:" for name in sorted(_OPENERS))
        raise CustodyUnknown(f"custody {scheme!r} is not known here; known are: {known}")
    return opener(place, passphrase)
