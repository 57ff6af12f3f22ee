"""The quorum's statement: who holds a share, how many open, and what tells a false share; nothing in it is secret.

A JSON file in the home. Of every share it holds a commitment: SHA-256 over a label, quorum,
epoch, number and value. A share of a random polynomial is 32 uniform bytes, so the digest
can be matched only by who has the share, and hides it as long as SHA-256 resists preimages:
threshold - 1 custodians with the file can test a guess of the root, of which there are 2²⁵⁶,
and nothing better. Digests of shares beside a threshold scheme: H. Krawczyk, "Distributed
fingerprints and secure information dispersal", PODC 1993. The alternative, P. Feldman's
verifiable sharing (FOCS 1987), also exposes a dealer who deals inconsistent shares; here the
dealer is this program, which knows the root anyway, and what it dealt is proven when the
custodians open with it.

`check` is HMAC-SHA-256 over everything else under a key derived from the root: once the
root is known, a changed threshold, name or commitment is found out.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keys.custody.errors import CustodyFileChanged, QuorumImpossible
from keys.custody.quorum.share import MAX_EPOCH, MAX_NUMBER, Share, is_quorum
from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.digests import canonical_json
from keys.errors import CannotUnseal

FORMAT = "ttp-quorum/1"
_LABEL = b"ttp/custody/quorum/share/v1\x00"
_DIGEST = 32
_MAX_FILE = 64 * 1024
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who holds share number n (by position), and the commitment to it."""

    name: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """All that is public about a quorum in one epoch.

    Raises:
        QuorumImpossible: not 2 ≤ threshold ≤ custodians ≤ 31; names empty, too long, not
            printable or not all different; an epoch outside 1..1023.
    """

    quorum: str
    epoch: int
    threshold: int
    custodians: tuple[Custodian, ...]
    check: bytes = b""

    def __post_init__(self) -> None:
        check_shape(self.threshold, [custodian.name for custodian in self.custodians])
        if not is_quorum(self.quorum) or not 1 <= self.epoch <= MAX_EPOCH:
            raise QuorumImpossible(f"a quorum has a name and an epoch from 1 to {MAX_EPOCH}")

    @classmethod
    def read(cls, path: Path) -> "Statement":
        """Read the custody file; its truth is proven by the root only, see `proves`.

        Raises:
            CannotUnseal: missing, damaged or foreign file.
        """
        try:
            with path.open("rb") as file:
                document = json.loads(file.read(_MAX_FILE))
        except OSError as error:
            raise CannotUnseal(f"the custody file cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise CannotUnseal("the custody file is damaged") from None
        return _from_document(document)

    def to_bytes(self) -> bytes:
        """The content of the custody file."""
        document = _document(self) | {"check": _text(self.check)}
        return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    def holder(self, share: Share) -> Custodian | None:
        """Tell whose number the share carries; nothing is said about its truth."""
        inside = 1 <= share.number <= len(self.custodians)
        return self.custodians[share.number - 1] if inside else None

    def is_true(self, share: Share) -> bool:
        """Tell whether this is a share that was dealt, to the custodian of its number."""
        holder = self.holder(share)
        return holder is not None and hmac.compare_digest(holder.commitment, commitment(share))

    def proven_by(self, root: RootKey) -> "Statement":
        """The same statement with the check that only this root gives."""
        return replace(self, check=self._check(root))

    def verify(self, root: RootKey) -> None:
        """Make sure that this statement was written by who knew this root, and not changed since.

        Raises:
            CustodyFileChanged: another root, or any changed field.
        """
        if not hmac.compare_digest(self.check, self._check(root)):
            raise CustodyFileChanged("the shares are true, but the custody file was changed")

    def _check(self, root: RootKey) -> bytes:
        key = subkey(root, purpose="custody-quorum", domain=self.quorum, version=self.epoch)
        return hmac.digest(key, canonical_json(_document(self)), "sha256")


def commitment(share: Share) -> bytes:
    """Commit to a share: 32 bytes; every field has a fixed length, so no two shares look alike."""
    place = share.quorum.encode() + share.epoch.to_bytes(2, "big") + bytes([share.number])
    return hashlib.sha256(_LABEL + place + share.value).digest()


def check_shape(threshold: int, names: list[str]) -> None:
    """Refuse a quorum that could not be opened, or whose custodians could not be told apart.

    Raises:
        QuorumImpossible: see `Statement`.
    """
    if not 2 <= threshold <= len(names) <= MAX_NUMBER:
        raise QuorumImpossible(f"a quorum has 2 ≤ threshold ≤ custodians ≤ {MAX_NUMBER}")
    if any(not 1 <= len(name) <= _MAX_NAME or not name.isprintable() for name in names):
        raise QuorumImpossible(f"a custodian's name has 1 to {_MAX_NAME} printable characters")
    if len({name.strip().casefold() for name in names} - {""}) != len(names):
        raise QuorumImpossible("custodians have different names that are not blank")


def _document(statement: Statement) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "quorum": statement.quorum,
        "epoch": statement.epoch,
        "threshold": statement.threshold,
        "custodians": [
            {"name": custodian.name, "commitment": _text(custodian.commitment)}
            for custodian in statement.custodians
        ],
    }


def _from_document(document: Any) -> Statement:
    try:
        _known(document)
        custodians = tuple(
            Custodian(entry["name"], _digest(entry["commitment"]))
            for entry in document["custodians"]
        )
        return Statement(
            quorum=document["quorum"],
            epoch=document["epoch"],
            threshold=document["threshold"],
            custodians=custodians,
            check=_digest(document["check"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, QuorumImpossible):
        raise CannotUnseal("the custody file is damaged, or of another format") from None


def _known(document: Any) -> None:
    if document["format"] != FORMAT:
        raise ValueError("another format")
    if any(type(document[name]) is not int for name in ("epoch", "threshold")):
        raise TypeError("epoch and threshold are whole numbers")


def _digest(text: str) -> bytes:
    digest = base64.b64decode(text, validate=True)
    if len(digest) != _DIGEST:
        raise ValueError("not a digest")
    return digest


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
