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
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.describe_trust import trusted_witnesses

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
    witnesses: list[WitnessState]


@dataclass(frozen=True, slots=True)
class WitnessState:
    """Up to which size a witness has co-signed the log, and when it did last."""

    name: str
    size: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LeafFilter:
    """Which leaves are wanted: a beginning of the action, an actor's name, a domain, days in UTC; empty means any."""

    action: str = ""
    name: str = ""
    domain: str = ""
    first: str = ""
    last: str = ""

    def fits(self, leaf: ReadLeaf) -> bool:
        """Whether the leaf is wanted; days are compared as they are written, YYYY-MM-DD."""
        body = leaf.body
        return (
            body["action"].startswith(self.action)
            and self.name in {"", body["actor"]["name"]}
            and self.domain in {"", body["domain"]}
            and self.first <= body["at"][:10]
            and (not self.last or body["at"][:10] <= self.last)
        )


def list_leaves(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    before: int | None = None,
    wanted: LeafFilter = LeafFilter(),
) -> LeafPage:
    """Up to 50 leaves that are wanted.

    Looks at no more than 5,000 leaves at a time; ``before`` of the answer leads to the rest.

    Raises:
        NotAllowed: the actor may not read the log.
    """
    actor.require(Right.READ_AUDIT)
    size = tx.audit.size()
    top = size if before is None else max(0, min(before, size))
    waiting = tx.audit.unsequenced(PAGE) if before is None else []
    fresh = [leaf for leaf in map(_read, reversed(waiting)) if wanted.fits(leaf)]
    found, rest = _collect(tx, top, wanted)
    page = LeafPage(
        fresh + found, size, len(waiting), tx.audit.latest_checkpoint(), rest, _witnesses(tx)
    )
    record_leaf(center, tx, actor, Act(EventKind.AUDIT_READ, counts={"leaves": len(page.leaves)}))
    return page


def _collect(tx: Transaction, top: int, wanted: LeafFilter) -> tuple[list[ReadLeaf], int | None]:
    found: list[ReadLeaf] = []
    for leaf in _backwards(tx, top, max(0, top - SCANNED)):
        if wanted.fits(leaf):
            found.append(leaf)
        if len(found) == PAGE:
            return found, leaf.position or None
    return found, (top - SCANNED if top > SCANNED else None)


def _witnesses(tx: Transaction) -> list[WitnessState]:
    return [
        WitnessState(
            peer.name, tx.witnessing.cosigned_size(peer.name), tx.witnessing.cosigned_at(peer.name)
        )
        for peer in trusted_witnesses(tx)
    ]


def _backwards(tx: Transaction, top: int, bottom: int) -> Iterator[ReadLeaf]:
    while top > bottom:
        start = max(bottom, top - _BLOCK)
        yield from reversed([_read(leaf) for leaf in tx.audit.leaves(start, top)])
        top = start


def _read(leaf: StoredLeaf) -> ReadLeaf:
    return ReadLeaf(leaf.position, json.loads(leaf.body))
