"""The exported audit log: one text file that anyone can check offline, without the service and without its keys.

A line of JSON each: first the header with the checkpoints (C2SP signed notes, the newest first), then
every leaf up to the newest checkpoint in its order. The file is read once, in little memory.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from keys.digests import sha256
from keys.errors import CheckpointInvalid
from keys.transparency import Checkpoint, CompactRange, leaf_hash, parse_note
from ttp.core.audit import COMMITMENT_BYTES, LEAF_VERSION, StoredCheckpoint, StoredLeaf
from ttp.core.audit_trust import AuditTrust, Cosignature
from ttp.core.errors import BadRequest

FORMAT = "treuhandstelle-audit-export"
VERSION = 1
LATEST_COMMIT = timedelta(minutes=10)
"""A leaf gets its time before it is committed and its position after: so much may it lie before its neighbor."""

_BLOCK = 1000
_MEMBERS = {"position", "body", "subjects"}


class ExportTampered(BadRequest):
    """The exported log is not what the center signed; the sentence says where."""

    code = "audit-export-tampered"


@dataclass(frozen=True, slots=True)
class Verified:
    """What an export proves. ``signed`` only if a trust file was given; times are those of the leaves."""

    origin: str
    size: int
    first_at: datetime | None
    last_at: datetime | None
    signed: bool
    cosignatures: tuple[Cosignature, ...]


def header_line(
    origin: str, checkpoints: Sequence[StoredCheckpoint], statements: Sequence[object] = ()
) -> bytes:
    """The first line; ``checkpoints`` begins with the newest, which covers all leaves that follow.

    ``statements`` lead from keys of older trust files, the center's and its witnesses', to the present ones.
    """
    return _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "origin": origin,
            "size": checkpoints[0].size,
            "checkpoints": [checkpoint.note for checkpoint in checkpoints],
            "key_statements": list(statements),
        }
    )


def leaf_line(leaf: StoredLeaf) -> bytes:
    """The line of a sequenced leaf."""
    body, subjects = (base64.b64encode(data).decode() for data in (leaf.body, leaf.subjects))
    return _line({"position": leaf.position, "body": body, "subjects": subjects})


def verify_export(
    lines: Iterable[bytes], *, trust: AuditTrust | None, previous: str | None = None
) -> Verified:
    """Check an export from its first line to its last.

    1. The header is whole, and the leaves are all there, in order, once.
    2. Every leaf is well-formed, binds its subjects, and no time runs back.
    3. The root over the leaves is that of every checkpoint, at its size.
    4. With ``trust`` and what follows from it by key statements: the center signed every checkpoint, the newest
       with a key that was valid then, and enough witnesses co-signed one.
    5. With ``previous``, a checkpoint kept from earlier: the log still begins with what it covered.

    Raises:
        ExportTampered: something does not hold. NotTrusted: signatures are missing or false.
    """
    reading = iter(lines)
    first = next(reading, b"")
    notes = _header(first)
    trust = trust and trust.succeeded(_statements(first))
    checkpoints = [_checkpoint(note) for note in notes]
    newest = checkpoints[0]
    if previous is not None:
        checkpoints.append(_of_log(newest, _checkpoint(previous)))
    for note in (*notes, previous) if trust else ():
        if trust and note is not None:
            trust.check_signature(newest.origin, note)
    times = _Times()
    _check_roots(_leaf_hashes(reading, newest.size, times), checkpoints)
    if trust is not None:
        trust.check_newest(newest.origin, notes[0], times.last)
    cosignatures = trust.check_witnesses(notes) if trust is not None else ()
    return Verified(
        newest.origin, newest.size, times.first, times.last, trust is not None, cosignatures
    )


class _Times:
    """The times of leaves in their order; they do not run back by more than a commit can take."""

    def __init__(self) -> None:
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, at: datetime, position: int) -> None:
        self.first = self.first or at
        if self.last is not None and at < self.last - LATEST_COMMIT:
            raise ExportTampered(f"Leaf {position}: its time runs back.")
        self.last = max(at, self.last or at)


def _header(line: bytes) -> list[str]:
    document = _document(line, "The header")
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise ExportTampered("The file is no audit export of version 1.")
    notes = document.get("checkpoints")
    if not isinstance(notes, list) or not notes or not all(isinstance(n, str) for n in notes):
        raise ExportTampered("The header holds no checkpoint.")
    newest = _checkpoint(notes[0])
    if (document.get("origin"), document.get("size")) != (newest.origin, newest.size):
        raise ExportTampered("The header and its checkpoint name different logs or sizes.")
    for note in notes[1:]:
        _of_log(newest, _checkpoint(note))
    return notes


def _statements(header: bytes) -> list[object]:
    statements = _document(header, "The header").get("key_statements", [])
    return statements if isinstance(statements, list) else []


def _checkpoint(note: str) -> Checkpoint:
    try:
        return Checkpoint.from_body(parse_note(note).body)
    except CheckpointInvalid as error:
        raise ExportTampered("A checkpoint is malformed.") from error


def _of_log(newest: Checkpoint, checkpoint: Checkpoint) -> Checkpoint:
    if checkpoint.origin != newest.origin:
        raise ExportTampered("A checkpoint is of another log.")
    if checkpoint.size > newest.size:
        raise ExportTampered(
            f"The log was cut: a checkpoint covers {checkpoint.size} leaves, the export {newest.size}."
        )
    return checkpoint


def _leaf_hashes(lines: Iterator[bytes], size: int, times: _Times) -> Iterator[bytes]:
    position = 0
    for line in lines:
        if position >= size:
            raise ExportTampered(f"There are more leaves than the {size} that are signed.")
        yield _leaf(line, position, times)
        position += 1
    if position < size:
        raise ExportTampered(f"The export ends after {position} of {size} leaves.")


def _leaf(line: bytes, position: int, times: _Times) -> bytes:
    where = f"Leaf {position}"
    document = _document(line, where)
    if set(document) != _MEMBERS or document["position"] != position:
        raise ExportTampered(f"{where}: another leaf or none stands in its place.")
    body, subjects = _bytes(document["body"], where), _bytes(document["subjects"], where)
    content = _document(body, where)
    told = content.get("subjects")
    count, rest = divmod(len(subjects), COMMITMENT_BYTES)
    stated = (told.get("sha256"), told.get("count"), 0) if isinstance(told, dict) else None
    if stated != (sha256(subjects).hex(), count, rest):
        raise ExportTampered(f"{where}: its subjects are not those it was made with.")
    times.add(_time(content, where), position)
    return leaf_hash(body)


def _time(content: Mapping[str, Any], where: str) -> datetime:
    try:
        at = datetime.fromisoformat(content["at"])
    except (KeyError, TypeError, ValueError):
        at = None
    if at is None or at.utcoffset() is None or content.get("v") != LEAF_VERSION:
        raise ExportTampered(f"{where}: it has no time or another version.")
    return at


def _check_roots(hashes: Iterator[bytes], checkpoints: Sequence[Checkpoint]) -> None:
    """Walk the leaves once and compare the root at the size of every checkpoint."""
    tree = CompactRange()
    block: list[bytes] = []
    for size in sorted({checkpoint.size for checkpoint in checkpoints}):
        while tree.size + len(block) < size:
            block.append(next(hashes))
            if len(block) == _BLOCK:
                tree, block = tree.extend(block), []
        tree, block = tree.extend(block), []
        roots = {checkpoint.root for checkpoint in checkpoints if checkpoint.size == size}
        if roots != {tree.root()}:
            raise ExportTampered(f"The first {size} leaves are not those that were signed.")
    next(hashes, None)  # refuses what stands after the last leaf


def _document(data: bytes, where: str) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise ExportTampered(f"{where}: is damaged.")
    return document


def _bytes(text: object, where: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise ExportTampered(f"{where}: is damaged.")
    return data


def _line(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document) + b"\n"
