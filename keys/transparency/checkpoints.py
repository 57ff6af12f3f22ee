"""Checkpoints: signed statements of a log's size and root that anyone can keep and compare.

Text forms are those of C2SP: signed-note, tlog-checkpoint and tlog-cosignature. A note is
its text, an empty line, and one line per signature: `— name base64(key hash ‖ signature)`.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from keys.errors import CheckpointInvalid
from keys.signatures import SIGNATURE_LENGTH, SigningKey, VerifyKey
from keys.transparency.merkle import HASH_LENGTH

_ED25519 = 0x01
_COSIGNATURE = 0x04
_KEY_HASH_LENGTH = 4
_LINE_START = "\u2014 "
_MAX_NOTE = 1_000_000
_MAX_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of the log named `origin`; `root` has 32 bytes."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise CheckpointInvalid("an origin is one line of text")
        if self.size < 0 or len(self.root) != HASH_LENGTH:
            raise CheckpointInvalid("a checkpoint states a size and a root of 32 bytes")

    def body(self) -> str:
        """Write the note text: origin, decimal size, base64 root, each on a line."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def from_body(cls, body: str) -> "Checkpoint":
        """Read the note text; extension lines after the third are allowed and ignored.

        Raises:
            CheckpointInvalid: not in the one form `body` writes.
        """
        lines = body.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise CheckpointInvalid("a checkpoint has three lines")
        origin, size, root = lines[:3]
        if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")):
            raise CheckpointInvalid("the size of a checkpoint is a plain decimal number")
        if len(size) > 19:
            raise CheckpointInvalid("the size of a checkpoint is out of range")
        return cls(origin, int(size), _decoded(root))


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who, the 4-byte key hash, and the signature bytes."""

    name: str
    key_hash: bytes
    signature: bytes

    def line(self) -> str:
        """Write the line, with its end."""
        encoded = base64.b64encode(self.key_hash + self.signature).decode()
        return f"{_LINE_START}{self.name} {encoded}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart; nothing in it is verified yet."""

    body: str
    signatures: tuple[NoteSignature, ...]


def sign_note(body: str, name: str, key: SigningKey) -> str:
    """Sign a note text as `name` with Ed25519 and give the whole note.

    Raises:
        CheckpointInvalid: the text or the name does not fit a note.
    """
    _check_body(body)
    hashed = key_hash(name, key.public)
    return f"{body}\n{NoteSignature(name, hashed, key.sign(body.encode())).line()}"


def parse_note(text: str) -> Note:
    """Take a note apart without verifying anything.

    Raises:
        CheckpointInvalid: not a signed note.
    """
    if len(text) > _MAX_NOTE:
        raise CheckpointInvalid("the note is too long")
    body, separator, tail = text.rpartition("\n\n")
    body += "\n"
    if not separator or not tail.endswith("\n"):
        raise CheckpointInvalid("the note has no signature")
    _check_body(body)
    lines = tail[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise CheckpointInvalid("the note has too many signatures")
    return Note(body, tuple(_parse_line(line) for line in lines))


def verify_note(text: str, trusted: Mapping[str, VerifyKey]) -> Note:
    """Check that at least one trusted key signed, and that no trusted key's signature is false.

    Signatures of unknown keys are ignored, as the specification asks. `trusted` maps the
    name in the note to its key.

    Raises:
        CheckpointInvalid: malformed, not signed by a trusted key, or a false signature.
    """
    note = parse_note(text)
    genuine = 0
    for signature in note.signatures:
        key = trusted.get(signature.name)
        if key is None or signature.key_hash != key_hash(signature.name, key):
            continue
        if not key.verify(signature.signature, note.body.encode()):
            raise CheckpointInvalid("the note carries a false signature of a trusted key")
        genuine += 1
    if not genuine:
        raise CheckpointInvalid("the note is not signed by a trusted key")
    return note


def cosign(note: str, name: str, key: SigningKey, timestamp: int) -> str:
    """Cosign a checkpoint as a witness at a Unix time in seconds; gives the line to add.

    Form cosignature/v1: the statement is `cosignature/v1`, `time …` and the note text, the
    signature is 8 bytes of time and 64 bytes of Ed25519. The witness must have checked
    consistency with what it cosigned before, and stored that, before it calls this.

    Raises:
        CheckpointInvalid: `note` is not a signed checkpoint.
    """
    parsed = parse_note(note)
    Checkpoint.from_body(parsed.body)
    stamp = timestamp.to_bytes(8, "big")
    signed = key.sign(_cosigned(parsed.body, timestamp))
    hashed = key_hash(name, key.public, kind=_COSIGNATURE)
    return NoteSignature(name, hashed, stamp + signed).line()


def verify_cosignature(note: str, name: str, key: VerifyKey) -> int:
    """Check that the witness `name` cosigned this note, and tell when (Unix seconds).

    With several cosignatures of that key all must be genuine; the latest time is told.

    Raises:
        CheckpointInvalid: malformed, none by this key, or a false one.
    """
    parsed = parse_note(note)
    expected = key_hash(name, key, kind=_COSIGNATURE)
    times = [
        _verified_time(parsed.body, found.signature, key)
        for found in parsed.signatures
        if found.name == name and found.key_hash == expected
    ]
    if not times:
        raise CheckpointInvalid("the checkpoint is not cosigned by this witness")
    return max(times)


def key_hash(name: str, key: VerifyKey, *, kind: int = _ED25519) -> bytes:
    """Name a key in a note: first 4 bytes of SHA-256(name ‖ newline ‖ kind ‖ public key)."""
    _check_name(name)
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + key.raw).digest()[:4]


def _verified_time(body: str, signature: bytes, key: VerifyKey) -> int:
    timestamp = int.from_bytes(signature[:8], "big")
    if len(signature) != 8 + SIGNATURE_LENGTH:
        raise CheckpointInvalid("the checkpoint carries a malformed cosignature")
    if not key.verify(signature[8:], _cosigned(body, timestamp)):
        raise CheckpointInvalid("the checkpoint carries a false cosignature")
    return timestamp


def _cosigned(body: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()


def _parse_line(line: str) -> NoteSignature:
    if not line.startswith(_LINE_START):
        raise CheckpointInvalid("a signature line is malformed")
    name, separator, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not separator:
        raise CheckpointInvalid("a signature line is malformed")
    _check_name(name)
    data = _decoded(encoded)
    if len(data) <= _KEY_HASH_LENGTH:
        raise CheckpointInvalid("a signature line is malformed")
    return NoteSignature(name, data[:_KEY_HASH_LENGTH], data[_KEY_HASH_LENGTH:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise CheckpointInvalid("a key name is not empty and has no space or plus sign")


def _check_body(body: str) -> None:
    if not body.endswith("\n") or any(character < " " and character != "\n" for character in body):
        raise CheckpointInvalid("a note is lines of text without control characters")


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointInvalid("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise CheckpointInvalid("not canonical base64")
    return data
