"""Making a root: a new home's root key goes into the custody its settings name; shares are shown once, kept nowhere."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from keys.custody import RootKey, file, pkcs11, quorum
from keys.errors import CustodyUnknown
from keys.randomness import random_token
from ttp.config import UNLOCK_FILE, Settings
from ttp.core.errors import InvalidField


@dataclass(frozen=True, slots=True)
class Custodians:
    """Who is to hold shares, and how many of them open together."""

    threshold: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What goes into one custodian's envelope."""

    custodian: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeRoot:
    """A new root key, and what people have to know about how it is kept."""

    root: RootKey = field(repr=False)
    wrote_unlock: bool = False
    sheets: tuple[Sheet, ...] = ()


def make_root(
    settings: Settings, *, passphrase: bytes | None, custodians: Custodians | None
) -> MadeRoot:
    """Draw the root key of a new home and give it into custody.

    Raises:
        InvalidField: a quorum without custodians, custodians without a quorum, or an HSM without a PIN.
        FileExistsError: there is a root already. CustodyUnknown: no such custody.
        QuorumImpossible, SecretTooShort, CannotUnseal: the custody refuses.
    """
    scheme, _, place = settings.custody_uri.partition(":")
    if (custodians is None) == (scheme == "quorum"):
        raise InvalidField("A quorum needs custodians and a threshold; no other custody has them.")
    if scheme == "file":
        return _in_a_file(Path(place), settings.home, passphrase)
    if scheme == "pkcs11":
        return _in_an_hsm(settings.custody_uri, passphrase)
    if scheme == "quorum" and custodians is not None:
        return _among_custodians(Path(place), settings.name, custodians)
    raise CustodyUnknown(
        f"custody {scheme!r} is not known here; known are: file:, pkcs11:, quorum:"
    )


def sheets_of(
    shares: tuple[quorum.Share, ...], statement: quorum.Statement, *, center: str
) -> tuple[Sheet, ...]:
    """The sheets of shares just dealt, which are wiped by it."""
    sheets = []
    for custodian, share in zip(statement.custodians, shares, strict=True):
        sheets.append(Sheet(custodian.name, quorum.sheet(share, statement, center=center)))
        share.wipe()
    return tuple(sheets)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only this user can read; it must not exist."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())


def _in_a_file(path: Path, home: Path, passphrase: bytes | None) -> MadeRoot:
    if passphrase is not None:
        return MadeRoot(file.create(path, passphrase=passphrase))
    drawn = random_token().encode()
    write_private(home / UNLOCK_FILE, drawn + b"\n")
    return MadeRoot(file.create(path, passphrase=drawn), wrote_unlock=True)


def _in_an_hsm(uri: str, pin: bytes | None) -> MadeRoot:
    if pin is None and pkcs11.HSMKey.parse(uri).pin_source is None:
        raise InvalidField("The HSM needs its PIN: give it, or a pin-source in the URI.")
    return MadeRoot(pkcs11.create(uri, pin=pin or b""))


def _among_custodians(path: Path, center: str, custodians: Custodians) -> MadeRoot:
    dealt = quorum.create(path, threshold=custodians.threshold, custodians=custodians.names)
    statement = quorum.Statement.read(path)
    return MadeRoot(dealt.root, sheets=sheets_of(dealt.shares, statement, center=center))
