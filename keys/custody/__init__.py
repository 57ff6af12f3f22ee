"""Custody: where the root key lives is a URI, not an `if` somewhere in the service."""

from collections.abc import Callable
from pathlib import Path

from keys.custody import file
from keys.custody.root_key import ROOT_KEY_LENGTH, RootKey
from keys.errors import CustodyUnknown

__all__ = ["ROOT_KEY_LENGTH", "RootKey", "open_custody"]


def _open_file(place: str, passphrase: bytes) -> RootKey:
    return file.unseal(Path(place), passphrase=passphrase)


_OPENERS: dict[str, Callable[[str, bytes], RootKey]] = {"file": _open_file}


def open_custody(uri: str, *, passphrase: bytes) -> RootKey:
    """Open the root key that `uri` names, such as `file:/var/lib/ttp/root.json`.

    Raises:
        CustodyUnknown: the URI has no scheme, or one this installation does not have.
        CannotUnseal: wrong passphrase, or a missing, damaged or foreign file.
    """
    scheme, separator, place = uri.partition(":")
    opener = _OPENERS.get(scheme) if separator else None
    if opener is None:
        known = ", ".join(f"{name}:" for name in sorted(_OPENERS))
        raise CustodyUnknown(f"custody {scheme!r} is not known here; known are: {known}")
    return opener(place, passphrase)
