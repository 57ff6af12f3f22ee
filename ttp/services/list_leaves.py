"""List leaves: the audit log read backwards, newest first; that it was read stands in it too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ttp.core.access import Actor, Right
from ttp.core.audit import StoredCheckpoint, StoredLeaf
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.record_leaf import Act, record_leaf

PAGE = 50
SCANNED = 5_000
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class ReadLeaf:
    """One leaf, parsed. ``position`` is None while it waits for its place in the log."""

    position: int | None
    body: dict[str, Any]

    @property
    def moment(self) -> datetime:
        """When it was recorded."""
        return datetime.fromisoformat(self.body["at"])


@dataclass(frozen=True, slots=True)
class LeafPage:
    """Leaves, newest first. ``before``: where to go on, None at the beginning of the log."""

    leaves: list[ReadLeaf]
    size: int
    waiting: int
    checkpoint: StoredCheckpoint | None
    before: int | None


def list_leaves(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    before: int | None = None,
    action: str = "",
    name: str = "",
) -> LeafPage:
    """Up to 50 leaves whose action begins with ``action`` and whose actor is ``name``.

    Looks at no more than 5,000 leaves at a time; ``before`` of the answer leads to the rest.

    Raises:
        NotAllowed: the actor may not read the log.
    """
    actor.require(Right.READ_AUDIT)
    size = tx.audit.size()
    top = size if before is None else max(0, min(before, size))
    waiting = tx.audit.unsequenced(PAGE) if before is None else []
    fresh = [leaf for leaf in map(_read, reversed(waiting)) if _fits(leaf, action, name)]
    found, rest = _collect(tx, top, action, name)
    page = LeafPage(fresh + found, size, len(waiting), tx.audit.latest_checkpoint(), rest)
    record_leaf(center, tx, actor, Act(EventKind.AUDIT_READ, counts={"leaves": len(page.leaves)}))
    return page


def _collect(
    tx: Transaction, top: int, action: str, name: str
) -> tuple[list[ReadLeaf], int | None]:
    found: list[ReadLeaf] = []
    for leaf in _backwards(tx, top, max(0, top - SCANNED)):
        if _fits(leaf, action, name):
            found.append(leaf)
        if len(found) == PAGE:
            return found, leaf.position or None
    return found, (top - SCANNED if top > SCANNED else None)


def _backwards(tx: Transaction, top: int, bottom: int) -> Iterator[ReadLeaf]:
    while top > bottom:
        start = max(bottom, top - _BLOCK)
        yield from reversed([_read(leaf) for leaf in tx.audit.leaves(start, top)])
        top = start


def _read(leaf: StoredLeaf) -> ReadLeaf:
    return ReadLeaf(leaf.position, json.loads(leaf.body))


def _fits(leaf: ReadLeaf, action: str, name: str) -> bool:
    return leaf.body["action"].startswith(action) and name in {"", leaf.body["actor"]["name"]}
