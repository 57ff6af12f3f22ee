"""Audit trust: whose signatures on a checkpoint count. It comes from a file that the verifier got by another way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys.errors import CheckpointInvalid, KeyFormatInvalid
from keys.signatures import VerifyKey
from keys.transparency import Checkpoint, parse_note, verify_cosignature, verify_note
from ttp.core.errors import BadRequest

VERSION = 1


class TrustFileInvalid(BadRequest):
    """The trust file cannot be read: it lists centers and witnesses with their public keys."""

    code = "trust-file-invalid"


class NotTrusted(BadRequest):
    """A signature that the trust file asks for is missing or false."""

    code = "not-trusted"


@dataclass(frozen=True, slots=True)
class Named:
    """A key and the name under which it signs."""

    name: str
    key: VerifyKey


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

    def check_signature(self, origin: str, note: str) -> None:
        """Pass if the center of this log signed the checkpoint.

        Raises:
            NotTrusted: the trust file has no key for this log, or the signature is missing or false.
        """
        keys = [center.key for center in self.centers if center.name == origin]
        if not keys:
            raise NotTrusted("The trust file names no key for this log.")
        if not any(_signed(note, origin, key) for key in keys):
            raise NotTrusted("A checkpoint is not signed by the center, or its signature is false.")

    def check_witnesses(self, notes: Iterable[str]) -> tuple[Cosignature, ...]:
        """The largest size that each witness has co-signed.

        Raises:
            NotTrusted: fewer witnesses have than the trust file asks for.
        """
        best: dict[str, Cosignature] = {}
        for note in notes:
            size = Checkpoint.from_body(parse_note(note).body).size
            for witness in self.witnesses:
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
        return tuple(
            Named(str(entry["origin"]), VerifyKey.from_jwk(entry["signing_key"]))
            for entry in entries
        )
    except (TypeError, KeyError, KeyFormatInvalid):
        raise TrustFileInvalid("An entry of the trust file lacks its origin or key.") from None


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
