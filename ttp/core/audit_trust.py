"""Audit trust: whose signatures on a checkpoint count. It comes from a file that the verifier got by another way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from keys.errors import CheckpointInvalid, KeyFormatInvalid, StatementRefused
from keys.signatures import VerifyKey
from keys.succession import SignedStatement, Standing
from keys.transparency import Checkpoint, parse_note, verify_cosignature, verify_note
from ttp.core.errors import BadRequest

VERSION = 1
ORIGIN_PREFIX = "treuhandstelle/"
"""What the name of a center is preceded by in the name of its log."""


class TrustFileInvalid(BadRequest):
    """The trust file cannot be read: it lists centers and witnesses with their public keys."""

    code = "trust-file-invalid"


class NotTrusted(BadRequest):
    """A signature that the trust file asks for is missing or false."""

    code = "not-trusted"


@dataclass(frozen=True, slots=True)
class Named:
    """A key and the name under which it signs.

    until: it gave way to another then, and signed nothing later. revoked: it may have been in wrong hands; alone it
    proves nothing. statements: of the present key, the last statement of its center that it accounts for.
    """

    name: str
    key: VerifyKey
    until: datetime | None = None
    revoked: bool = False
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness has seen the log at this size and time, and that it only grew until then."""

    witness: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditTrust:
    """Keys of centers and witnesses by the names of their logs, and how many witnesses have to have co-signed."""

    centers: Sequence[Named]
    witnesses: Sequence[Named] = ()
    witnesses_required: int = 0

    @classmethod
    def from_document(cls, document: Any) -> AuditTrust:
        """Read a trust file. If it lists witnesses, one has to have co-signed unless it says how many.

        Raises:
            TrustFileInvalid: otherwise.
        """
        if not isinstance(document, dict) or document.get("version") != VERSION:
            raise TrustFileInvalid("The trust file is not of version 1.")
        witnesses = _named(document.get("witnesses", []))
        required = document.get("witnesses_required", min(1, len(witnesses)))
        names = {witness.name for witness in witnesses}
        if not isinstance(required, int) or not 0 <= required <= len(names):
            raise TrustFileInvalid("The trust file asks for more witnesses than it lists.")
        return cls(_named(document.get("centers", [])), witnesses, required)

    def succeeded(self, statements: Iterable[object]) -> AuditTrust:
        """This trust and what follows from it by statements of the same centers; others add nothing."""
        read = tuple(_readable(statements))
        return replace(
            self,
            centers=tuple(key for one in self.centers for key in _succeeded(one, read)),
            witnesses=tuple(key for one in self.witnesses for key in _succeeded(one, read)),
        )

    def check_signature(self, origin: str, note: str) -> None:
        """Pass if the center of this log signed the checkpoint, be it with a key that gave way to another.

        Raises:
            NotTrusted: the trust file has no key for this log, or the signature is missing or false.
        """
        keys = [center for center in self.centers if center.name == origin]
        if not keys:
            raise NotTrusted("The trust file names no key for this log.")
        if not any(_signed(note, origin, each.key) for each in keys):
            raise NotTrusted("A checkpoint is not signed by the center, or its signature is false.")

    def check_newest(self, origin: str, note: str, last_at: datetime | None) -> None:
        """Pass if the newest checkpoint, whose last leaf has this time, is signed by a key that was valid then.

        Raises:
            NotTrusted: only keys that were revoked, or had given way to others, signed it.
        """
        valid = [
            each
            for each in self.centers
            if each.name == origin
            and not each.revoked
            and (each.until is None or last_at is None or last_at <= each.until)
        ]
        if not any(_signed(note, origin, each.key) for each in valid):
            raise NotTrusted("The newest checkpoint is signed by a key that is no longer valid.")

    def check_witnesses(self, notes: Iterable[str]) -> tuple[Cosignature, ...]:
        """The largest size that each witness has co-signed.

        Raises:
            NotTrusted: fewer witnesses have than the trust file asks for.
        """
        best: dict[str, Cosignature] = {}
        for note in notes:
            size = Checkpoint.from_body(parse_note(note).body).size
            for witness in (each for each in self.witnesses if not each.revoked):
                at = _cosigned_at(note, witness)
                if at is not None and size >= best.get(witness.name, Cosignature("", 0, at)).size:
                    best[witness.name] = Cosignature(witness.name, size, at)
        if len(best) < self.witnesses_required:
            raise NotTrusted(
                f"{len(best)} witnesses have co-signed; the trust file asks for {self.witnesses_required}."
            )
        return tuple(best[name] for name in sorted(best))


def _named(entries: Any) -> tuple[Named, ...]:
    try:
        return tuple(key for entry in entries for key in _keys(entry))
    except (TypeError, KeyError, ValueError, KeyFormatInvalid):
        raise TrustFileInvalid("An entry of the trust file lacks its origin or key.") from None


def _keys(entry: Any) -> Iterator[Named]:
    name, statements = str(entry["origin"]), int(entry.get("statements", 0))
    yield Named(name, VerifyKey.from_jwk(entry["signing_key"]), statements=statements)
    for former in entry.get("former_keys", []):
        until = datetime.fromisoformat(former["until"]).astimezone(UTC)
        key = VerifyKey.from_jwk(former["signing_key"])
        yield Named(name, key, until, revoked=former["revoked"] is not False)


def _readable(statements: Iterable[object]) -> Iterator[SignedStatement]:
    for document in statements:
        try:
            yield SignedStatement.read(document)
        except StatementRefused:
            continue


def _succeeded(anchor: Named, statements: Sequence[SignedStatement]) -> Iterator[Named]:
    """The anchor as it stands after the statements of its center, and the keys that follow from it."""
    if anchor.until is not None or anchor.revoked:
        yield anchor
        return
    center = anchor.name.removeprefix(ORIGIN_PREFIX)
    standing = Standing(center, anchor.key, sequence=anchor.statements)
    for signed in statements:
        if signed.statement.center == center:
            standing = _after(standing, signed)
    for former in standing.former:
        until = datetime.fromtimestamp(former.until, UTC)
        yield Named(anchor.name, former.key, until, standing.revoked)
    yield Named(anchor.name, standing.key, None, standing.revoked, standing.sequence)


def _after(standing: Standing, signed: SignedStatement) -> Standing:
    """The standing after a statement that follows from it, else the same one: what does not follow adds nothing."""
    if standing.revoked:
        return standing
    try:
        return standing.follow_all([signed])
    except StatementRefused:
        return standing


def _signed(note: str, origin: str, key: VerifyKey) -> bool:
    try:
        verify_note(note, {origin: key})
    except CheckpointInvalid:
        return False
    return True


def _cosigned_at(note: str, witness: Named) -> datetime | None:
    try:
        return datetime.fromtimestamp(verify_cosignature(note, witness.name, witness.key), UTC)
    except (CheckpointInvalid, OverflowError, ValueError):
        return None
