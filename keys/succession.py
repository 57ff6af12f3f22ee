"""Succession: a key follows another only because the old one says so; a revocation makes nobody trusted.

A statement is canonical JSON (RFC 8785) below a fixed context line, signed with Ed25519 by the key it speaks of
and, where it names a new signing key, by that one too: nobody has another's key declared as their own. The
statements of a center are numbered without gaps, so none can be left out, repeated or put elsewhere.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from keys.digests import canonical_json
from keys.errors import KeyFormatInvalid, StatementReason, StatementRefused
from keys.signatures import SIGNATURE_LENGTH, SigningKey, VerifyKey

CONTEXT = b"treuhandstelle key statement v1\n"
VERSION = 1
SKEW_SECONDS = 10
LONGEST_OVERLAP = 7 * 86_400
"""Seconds for which an old key may be used beside its successor at most."""
TRANSPORT_KEY_BYTES = 32

_MEMBERS = {
    *("v", "center", "sequence", "kind", "old_key", "new_key", "transport_key"),
    *("issued", "overlap_until"),
}


class StatementKind(StrEnum):
    """What a statement says: another key signs, another key opens, or the signing key is lost to somebody else."""

    SIGNING = "signing"
    TRANSPORT = "transport"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a center says of its keys; nothing in it is verified yet.

    sequence: counted by the center from 1. old_key: the key that signs this. new_key: of a succession the
    successor, of a revocation the key that persons may pin anew. issued, overlap_until: Unix seconds; until the
    second the old key may still be used.
    """

    center: str
    sequence: int
    kind: StatementKind
    old_key: VerifyKey
    issued: int
    overlap_until: int
    new_key: VerifyKey | None = None
    transport_key: bytes | None = None

    def document(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "v": VERSION,
            "center": self.center,
            "sequence": self.sequence,
            "kind": self.kind.value,
            "old_key": self.old_key.to_jwk(),
            "new_key": self.new_key.to_jwk() if self.new_key else None,
            "transport_key": self.transport_key.hex() if self.transport_key else None,
            "issued": self.issued,
            "overlap_until": self.overlap_until,
        }

    def message(self) -> bytes:
        """The bytes that are signed."""
        return CONTEXT + canonical_json(self.document())

    def sign(self, old: SigningKey, new: SigningKey | None = None) -> "SignedStatement":
        """Sign with the key it speaks of, and prove possession of the new one where it names one.

        Raises:
            StatementRefused: a key is not the one the statement names.
        """
        if (old.public, new.public if new else None) != (self.old_key, self.new_key):
            raise StatementRefused(StatementReason.MALFORMED)
        message = self.message()
        return SignedStatement(self, old.sign(message), new.sign(message) if new else None)


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement and its signatures of 64 bytes each; `by_new` stands exactly where `new_key` does."""

    statement: Statement
    by_old: bytes
    by_new: bytes | None

    def document(self) -> dict[str, Any]:
        """Its JSON form, as it is stored, served and sent."""
        return {
            "statement": self.statement.document(),
            "signature": base64.b64encode(self.by_old).decode(),
            "possession": base64.b64encode(self.by_new).decode() if self.by_new else None,
        }

    @classmethod
    def read(cls, document: object) -> "SignedStatement":
        """Read the JSON form; there is one document for one statement.

        Raises:
            StatementRefused: malformed.
        """
        try:
            read = _read(document)
        except (KeyError, TypeError, ValueError, binascii.Error, KeyFormatInvalid):
            raise StatementRefused(StatementReason.MALFORMED) from None
        if read.document() != document:
            raise StatementRefused(StatementReason.MALFORMED)
        return read


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key that gave way to another; `until` in Unix seconds."""

    key: VerifyKey
    until: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What others believe of a center's keys: what persons pinned, and what followed from it by statements.

    sequence: of the last statement that is accounted for. revoked: none of the keys is believed any more.
    """

    center: str
    key: VerifyKey
    transport_key: bytes | None = None
    sequence: int = 0
    former: tuple[FormerKey, ...] = ()
    revoked: bool = False

    def accepts(self, key_id: str, at: int) -> bool:
        """Tell whether this key may sign requests of the center at this Unix second."""
        if self.revoked:
            return False
        overlapping = any(one.key.key_id == key_id and at <= one.until for one in self.former)
        return key_id == self.key.key_id or overlapping

    def knows(self, key_id: str) -> VerifyKey | None:
        """The key of this thumbprint, if it ever was the center's."""
        known = (self.key, *(one.key for one in self.former))
        return next((key for key in known if key.key_id == key_id), None)

    def follow(self, signed: SignedStatement, *, now: int | None = None) -> "Standing":
        """The standing after one more statement. Without `now`, as offline, times are not compared.

        1. It is of this center, whose keys are not revoked.
        2. A revocation by any key the center ever had ends them all, whatever its number.
        3. It is the next one: none was left out, and none comes twice.
        4. The key that signs now signed it.
        5. The new signing key signed it too, and never was a key of this center.
        6. It is not from the future, and its overlap is no longer than seven days.

        Raises:
            StatementRefused: at the first step that fails, with its reason.
        """
        said = signed.statement
        # 1. center
        if said.center != self.center:
            raise StatementRefused(StatementReason.OTHER_CENTER)
        if self.revoked:
            raise StatementRefused(StatementReason.KEY_REVOKED)
        # 2. revocation
        if said.kind is StatementKind.REVOKED:
            return self._revoked(signed)
        # 3. order
        if said.sequence != self.sequence + 1:
            late = said.sequence <= self.sequence
            raise StatementRefused(StatementReason.OUTDATED if late else StatementReason.GAP)
        # 4. old key
        if said.old_key != self.key or not self.key.verify(signed.by_old, said.message()):
            raise StatementRefused(StatementReason.NOT_BY_OLD_KEY)
        # 5. new key
        if said.new_key is not None:
            _check_possession(signed)
            if self.knows(said.new_key.key_id):
                raise StatementRefused(StatementReason.KEY_KNOWN)
        # 6. times
        _check_times(said, now)
        return self._succeeded(said)

    def follow_all(
        self, statements: Iterable[SignedStatement], *, now: int | None = None
    ) -> "Standing":
        """The standing after a center's statements in their order, those accounted for being passed over.

        What comes after a revocation is left alone: it is for persons.

        Raises:
            StatementRefused: see `follow`.
        """
        standing = self
        for signed in statements:
            said = signed.statement
            revokes = said.kind is StatementKind.REVOKED and standing.knows(said.old_key.key_id)
            if said.sequence <= standing.sequence and not revokes:
                continue
            standing = standing.follow(signed, now=now)
            if standing.revoked:
                break
        return standing

    def _revoked(self, signed: SignedStatement) -> "Standing":
        key = self.knows(signed.statement.old_key.key_id)
        if key is None or not key.verify(signed.by_old, signed.statement.message()):
            raise StatementRefused(StatementReason.NOT_BY_OLD_KEY)
        _check_possession(signed)
        return replace(self, revoked=True, sequence=max(self.sequence, signed.statement.sequence))

    def _succeeded(self, said: Statement) -> "Standing":
        if said.new_key is None:
            return replace(self, sequence=said.sequence, transport_key=said.transport_key)
        former = (*self.former, FormerKey(self.key, said.overlap_until))
        return replace(self, sequence=said.sequence, key=said.new_key, former=former)


def _check_possession(signed: SignedStatement) -> None:
    new = signed.statement.new_key
    if new is None or signed.by_new is None:
        raise StatementRefused(StatementReason.MALFORMED)
    if not new.verify(signed.by_new, signed.statement.message()):
        raise StatementRefused(StatementReason.NOT_BY_NEW_KEY)


def _check_times(said: Statement, now: int | None) -> None:
    if now is not None and said.issued > now + SKEW_SECONDS:
        raise StatementRefused(StatementReason.NOT_YET_VALID)
    if not 0 <= said.overlap_until - said.issued <= LONGEST_OVERLAP:
        raise StatementRefused(StatementReason.OVERLAP)


def _read(document: Any) -> SignedStatement:
    said = document["statement"]
    if set(said) != _MEMBERS or said["v"] != VERSION:
        raise ValueError("members")
    numbers = (said["v"], said["sequence"], said["issued"], said["overlap_until"])
    if not all(type(number) is int and 0 <= number < 1 << 53 for number in numbers):
        raise ValueError("numbers")
    kind = StatementKind(said["kind"])
    new, opens, possession = said["new_key"], said["transport_key"], document["possession"]
    signing = kind is not StatementKind.TRANSPORT
    if [new is None, possession is None, opens is None] != [not signing, not signing, signing]:
        raise ValueError("keys")
    return SignedStatement(
        Statement(
            center=str(said["center"]),
            sequence=said["sequence"],
            kind=kind,
            old_key=VerifyKey.from_jwk(said["old_key"]),
            issued=said["issued"],
            overlap_until=said["overlap_until"],
            new_key=VerifyKey.from_jwk(new) if signing else None,
            transport_key=None if signing else _exactly(bytes.fromhex(opens), TRANSPORT_KEY_BYTES),
        ),
        _signature(document["signature"]),
        _signature(possession) if signing else None,
    )


def _signature(text: str) -> bytes:
    return _exactly(base64.b64decode(text, validate=True), SIGNATURE_LENGTH)


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise ValueError("length")
    return data
