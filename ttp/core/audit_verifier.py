"""Verify an exported audit log offline, without the service and without its keys. ``docs/audit.md`` says what to read.

The file is read once, in little memory. Lines have one form only: a byte changed anywhere is noticed or means nothing
to anybody (a signature line of a signer that the trust file does not list).
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
from ttp.core.audit import COMMITMENT_BYTES, LEAF_VERSION
from ttp.core.audit_export import FORMAT, VERSION, line_of
from ttp.core.audit_trust import AuditTrust, Cosignature
from ttp.core.errors import BadRequest

LATEST_COMMIT = timedelta(minutes=10)
"""A leaf gets its time before it is committed and its position after: so much may it lie before its neighbor."""

_BLOCK = 1000
_HEADER_MEMBERS = ("format", "version", "origin", "size", "checkpoints", "key_statements")
_MEMBERS = ("position", "hash", "body", "subjects")


class ExportTampered(BadRequest):
    """The exported log is not what the center signed; the sentence names the first leaf that is not.

    ``facts["position"]`` and ``facts["leaf"]`` are those of that leaf where there is one.
    """

    code = "audit-export-tampered"


@dataclass(frozen=True, slots=True)
class Verified:
    """What an export proves. ``signed`` only if a trust file was given; times are those of the leaves.

    ``found`` is the position of the leaf that was looked for.
    """

    origin: str
    size: int
    first_at: datetime | None
    last_at: datetime | None
    signed: bool
    cosignatures: tuple[Cosignature, ...]
    found: int | None = None


def verify_export(
    lines: Iterable[bytes],
    *,
    trust: AuditTrust | None,
    previous: str | None = None,
    seek: bytes | None = None,
) -> Verified:
    """Check an export from its first line to its last, and stop at the first thing that does not hold.

    1. The header is whole; with ``trust`` and what follows from it by key statements, the center signed every
       checkpoint in it.
    2. The leaves are all there, in order, once; each has its hash, binds its subjects, and no time runs back.
    3. Each names the leaf that its writer committed before it.
    4. The root over the leaves is that of every checkpoint, at its size.
    5. With ``trust``: the newest checkpoint is signed with a key that was valid then, and enough witnesses
       co-signed one.
    6. With ``previous``, a checkpoint kept from earlier: the log still begins with what it covered.

    ``seek`` is the hash of a leaf, as an acknowledgment carries it.

    Raises:
        ExportTampered: something does not hold. NotTrusted: signatures are missing or false.
    """
    reading = iter(lines)
    header = _header(next(reading, b""))
    notes: list[str] = header["checkpoints"]
    trust = trust and trust.succeeded(header["key_statements"])
    checkpoints = [_checkpoint(note) for note in notes]
    newest = checkpoints[0]
    if previous is not None:
        checkpoints.append(_of_log(newest, _checkpoint(previous)))
    for note in (*notes, previous) if trust else ():
        if trust and note is not None:
            trust.check_signature(newest.origin, note)
    walk = _Walk(seek)
    _check_roots(walk.hashes(reading, newest.size), checkpoints, walk)
    if trust is not None:
        trust.check_newest(newest.origin, notes[0], walk.last)
    cosignatures = trust.check_witnesses(notes) if trust is not None else ()
    return Verified(
        newest.origin,
        newest.size,
        walk.first,
        walk.last,
        trust is not None,
        cosignatures,
        walk.found,
    )


def _header(line: bytes) -> dict[str, Any]:
    document = _document(line, "The header")
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise ExportTampered(f"The file is no audit export of version {VERSION}.")
    notes = document.get("checkpoints")
    if not isinstance(notes, list) or not notes or not all(isinstance(n, str) for n in notes):
        raise ExportTampered("The header holds no checkpoint.")
    newest = _checkpoint(notes[0])
    if (document.get("origin"), document.get("size")) != (newest.origin, newest.size):
        raise ExportTampered("The header and its checkpoint name different logs or sizes.")
    statements = document.get("key_statements")
    if tuple(document) != _HEADER_MEMBERS or not isinstance(statements, list):
        raise ExportTampered("The header lacks something, or has more than it should.")
    if line_of(document) != line:
        raise ExportTampered("The header is not written as an export is.")
    for note in notes[1:]:
        _of_log(newest, _checkpoint(note))
    return document


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


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A leaf as its line gives it; ``id`` is what it calls itself."""

    position: int
    id: str
    hash: bytes
    content: Mapping[str, Any]

    def wrong(self, what: str) -> ExportTampered:
        return ExportTampered(
            f"Leaf {self.position} ({self.id}): {what}", position=self.position, leaf=self.id
        )


class _Walk:
    """What has to hold from leaf to leaf."""

    def __init__(self, seek: bytes | None) -> None:
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.found: int | None = None
        self.names: dict[int, str] = {}
        self._seek = seek
        self._writers: dict[str, tuple[int, _Leaf]] = {}

    def hashes(self, lines: Iterator[bytes], size: int) -> Iterator[bytes]:
        """The hash of each leaf, in order; there are ``size`` of them."""
        position = 0
        for line in lines:
            if position >= size:
                raise ExportTampered(f"There are more leaves than the {size} that are signed.")
            leaf = _leaf(line, position)
            self._check_time(leaf)
            self._check_writer(leaf)
            if leaf.hash == self._seek:
                self.found = position
            self.names[position] = leaf.id
            self.names.pop(position - 2 * _BLOCK, None)
            yield leaf.hash
            position += 1
        if position < size:
            raise ExportTampered(
                f"The log was cut: the export ends before leaf {position}; {size} are signed.",
                position=position,
            )

    def _check_time(self, leaf: _Leaf) -> None:
        """Times do not run back by more than a commit can take."""
        try:
            at = datetime.fromisoformat(leaf.content["at"])
        except (KeyError, TypeError, ValueError):
            at = None
        if at is None or at.utcoffset() is None or leaf.content.get("v") != LEAF_VERSION:
            raise leaf.wrong("it has no time or another version.")
        self.first = self.first or at
        if self.last is not None and at < self.last - LATEST_COMMIT:
            raise leaf.wrong("its time runs back.")
        self.last = max(at, self.last or at)

    def _check_writer(self, leaf: _Leaf) -> None:
        """The leaf goes on where its writer was, and names what that one committed last."""
        match leaf.content.get("writer"):
            case {"id": str(writer), "number": int(number), "after": after}:
                before, last = self._writers.get(writer, (-1, None))
            case _:
                raise leaf.wrong("it does not name its writer.")
        if number != before + 1:
            raise leaf.wrong(f"its writer's leaves {before + 1} to {number - 1} are missing.")
        if after != (last.hash.hex() if last else None):
            raise (last or leaf).wrong("it is not the one that its writer committed.")
        self._writers[writer] = (number, leaf)


def _leaf(line: bytes, position: int) -> _Leaf:
    """Take a line apart; whatever it says is bound by the hash that is returned."""
    document = _document(line, f"Leaf {position}", position)
    body = _bytes(document.get("body"), position)
    content = _document(body, f"Leaf {position}", position)
    leaf = _Leaf(position, str(content.get("id")), leaf_hash(body), content)
    if tuple(document) != _MEMBERS or document["position"] != position:
        raise leaf.wrong("another leaf or none stands in its place.")
    if document["hash"] != leaf.hash.hex():
        raise leaf.wrong("its text is not the one it was written with.")
    subjects = _bytes(document["subjects"], position)
    told = content.get("subjects")
    count, rest = divmod(len(subjects), COMMITMENT_BYTES)
    stated = (told.get("sha256"), told.get("count"), 0) if isinstance(told, dict) else None
    if stated != (sha256(subjects).hex(), count, rest):
        raise leaf.wrong("its subjects are not those it was made with.")
    if line_of(document) != line:
        raise leaf.wrong("its line is not written as an export is.")
    return leaf


def _check_roots(hashes: Iterator[bytes], checkpoints: Sequence[Checkpoint], walk: _Walk) -> None:
    """Walk the leaves once and compare the root at the size of every checkpoint, smallest first."""
    tree, block, good = CompactRange(), list[bytes](), 0
    for size in sorted({checkpoint.size for checkpoint in checkpoints}):
        while tree.size + len(block) < size:
            block.append(next(hashes))
            if len(block) == _BLOCK:
                tree, block = tree.extend(block), []
        tree, block = tree.extend(block), []
        roots = {checkpoint.root for checkpoint in checkpoints if checkpoint.size == size}
        if roots != {tree.root()}:
            raise _unsigned(good, size, walk)
        good = size
    next(hashes, None)  # refuses what stands after the last leaf


def _unsigned(good: int, size: int, walk: _Walk) -> ExportTampered:
    """Up to ``good`` all was signed as it is; which of the next ones differs, only signatures between could tell."""
    name = f" ({walk.names[good]})" if good in walk.names else ""
    place = (
        f"Leaf {good}{name}" if size == good + 1 else f"Leaf {good}{name} or one up to {size - 1}"
    )
    return ExportTampered(
        f"{place}: it is not what was signed.", position=good, leaf=walk.names.get(good, "")
    )


def _document(data: bytes, where: str, position: int | None = None) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise ExportTampered(f"{where}: it is damaged.", position=position)
    return document


def _bytes(text: object, position: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise ExportTampered(f"Leaf {position}: it is damaged.", position=position)
    return data
