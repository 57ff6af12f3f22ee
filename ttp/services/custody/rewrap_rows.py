"""Rewrap rows: an envelope is opened and sealed anew in memory; what it holds goes nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from keys.keyring import Purpose
from keys.seal import binding, by_key_version, open_many, seal_many
from ttp.core.center import Center
from ttp.core.keyed_rows import IndexedRow, Part, Scope, SealedRow

_PLACES = {
    Part.PSEUDONYM: ("pseudonym", "envelope"),
    Part.ORIGINAL: ("original", "envelope"),
    Part.IDENTITY: ("identity_version", "envelope"),
    Part.IDENTIFIER: ("identity_version", "envelope"),
    Part.VERSION: ("identity_version", "envelope"),
    Part.DECISION: ("decision", "reason"),
    Part.UNDO: ("decision", "reason"),  # an undoing is sealed like the decision it would have been
    Part.USED: ("used_tokens", "envelope"),
}


def open_rows(
    center: Center, scope: Scope, part: Part, rows: Sequence[SealedRow] | Sequence[IndexedRow]
) -> list[bytes]:
    """What the envelopes hold, in order, whatever key versions sealed them.

    Raises:
        EnvelopeRejected, KeyDestroyed: one of them does not open.
    """
    opened: dict[int, bytes] = {}
    for version, places in by_key_version([row.envelope for row in rows]).items():
        key = center.keyring.at(Purpose.SEAL, scope.name, version)
        items = [(rows[place].envelope, _bound(scope, part, rows[place].row)) for place in places]
        opened.update(zip(places, open_many(key.secret, items), strict=True))
    return [opened[place] for place in range(len(rows))]


def rewrapped(
    center: Center, scope: Scope, part: Part, rows: Sequence[SealedRow], *, version: int
) -> list[bytes]:
    """The same contents in envelopes of this key version, bound to the same rows.

    Raises:
        EnvelopeRejected, KeyDestroyed: an envelope does not open; none is made.
    """
    key = center.keyring.at(Purpose.SEAL, scope.name, version)
    contents = open_rows(center, scope, part, rows)
    items = [
        (content, _bound(scope, part, row.row)) for content, row in zip(contents, rows, strict=True)
    ]
    return seal_many(key.secret, items, key_version=version)


def _bound(scope: Scope, part: Part, row: bytes) -> bytes:
    table, column = _PLACES[part]
    return binding(table, column, scope.name, row)
