"""Audit logs made by hand: leaves, checkpoints, co-signatures, and what an insider would do to an export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from keys.commitments import commit_many
from keys.signatures import SigningKey
from keys.transparency import Checkpoint, cosign, root_of, sign_note
from ttp.core.access import OPERATOR
from ttp.core.audit import Leaf, StoredCheckpoint, StoredLeaf
from ttp.core.audit_export import header_line, leaf_line
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.writer_chain import Link

ORIGIN = "treuhandstelle/nord"
WITNESS = "treuhandstelle/sued"
CENTER_KEY = SigningKey.from_secret(b"c" * 32)
WITNESS_KEY = SigningKey.from_secret(b"w" * 32)
OTHER_KEY = SigningKey.from_secret(b"o" * 32)
START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def leaf(number: int, *, at: datetime | None = None) -> StoredLeaf:
    """The leaf at this position, by itself: its two writers take turns, and each goes on from its genuine leaf."""
    before = _genuine(number - 2).hash() if number > 1 else None
    return _leaf(number, at, before)


@cache
def _genuine(number: int) -> StoredLeaf:
    return leaf(number)


def forked(count: int, changed: int) -> list[StoredLeaf]:
    """What a careful insider makes: one leaf is another, and the leaves after it name what now stands before them."""
    made: list[StoredLeaf] = []
    for number in range(count):
        before = made[number - 2].hash() if number > 1 else None
        at = START + timedelta(seconds=number, milliseconds=number == changed)
        made.append(_leaf(number, at, before))
    return made


def _leaf(number: int, at: datetime | None, before: bytes | None) -> StoredLeaf:
    subjects = commit_many(b"k" * 32, [b"%d" % n for n in range(number % 4)])
    made = Leaf(
        id=LeafId(UUID(int=number)),
        at=at or START + timedelta(seconds=number),
        center="nord",
        actor=OPERATOR,
        action=EventKind.PSEUDONYMS_ISSUED,
        counts={"created": number},
        subjects=b"".join(subjects),
    )
    body = made.body(Link(f"{number % 2:032x}", number // 2, before))
    return StoredLeaf(made.id, body, made.subjects, number)


def checkpoint(
    leaves: Sequence[StoredLeaf], *, key: SigningKey = CENTER_KEY, witnessed: bool = False
) -> StoredCheckpoint:
    body = Checkpoint(ORIGIN, len(leaves), root_of([each.hash() for each in leaves])).body()
    note = sign_note(body, ORIGIN, key)
    if witnessed:
        note += cosign(note, WITNESS, WITNESS_KEY, int(START.timestamp()))
    return StoredCheckpoint(len(leaves), root_of([each.hash() for each in leaves]), note, START)


def export(leaves: Sequence[StoredLeaf], *more: StoredCheckpoint) -> list[bytes]:
    return [header_line(ORIGIN, [checkpoint(leaves), *more]), *map(leaf_line, leaves)]


def trust_file(*, witnesses: int = 0, required: int | None = None) -> dict[str, object]:
    center = {"origin": ORIGIN, "signing_key": CENTER_KEY.public.to_jwk()}
    witness = {"origin": WITNESS, "signing_key": WITNESS_KEY.public.to_jwk()}
    document: dict[str, object] = {
        "version": 1,
        "centers": [center],
        "witnesses": [witness] * witnesses,
    }
    return document if required is None else {**document, "witnesses_required": required}
