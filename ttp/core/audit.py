"""Audit: one leaf for every acknowledged operation, written in its transaction; no leaf, no acknowledgment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import orjson

from keys.digests import sha256
from keys.transparency import leaf_hash
from ttp.core.access import Actor
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.writer_chain import Link

LEAF_VERSION = 2
COMMITMENT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Leaf:
    """What was done, by whom, where and why. Subjects appear only as keyed commitments of 16 bytes each."""

    id: LeafId
    at: datetime
    center: str
    actor: Actor
    action: EventKind
    domain: str | None = None
    purpose: str | None = None
    approval: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    items_root: bytes | None = None
    subjects: bytes = b""
    commitment_version: int | None = None

    def body(self, link: Link) -> bytes:
        """The canonical bytes (RFC 8785) that are hashed into the log; they bind the subjects by digest.

        Names of members are ASCII and numbers are whole, so that sorting and writing are those of the standard.
        """
        return orjson.dumps(
            {
                "v": LEAF_VERSION,
                "id": str(self.id),
                "at": self.at.isoformat(timespec="milliseconds"),
                "center": self.center,
                "actor": {
                    "kind": self.actor.kind.value,
                    "name": self.actor.name,
                    "role": self.actor.role.value,
                },
                "action": self.action.value,
                "domain": self.domain,
                "purpose": self.purpose,
                "approval": self.approval,
                "counts": dict(self.counts),
                "facts": dict(self.facts),
                "items_root": self.items_root.hex() if self.items_root else None,
                "subjects": {
                    "count": len(self.subjects) // COMMITMENT_BYTES,
                    "sha256": sha256(self.subjects).hex(),
                    "key_version": self.commitment_version,
                },
                "writer": {
                    "id": link.writer,
                    "number": link.number,
                    "after": link.after.hex() if link.after else None,
                },
            },
            option=orjson.OPT_SORT_KEYS,
        )


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as the log holds it. ``position`` is its index in the tree, None until it is sequenced."""

    id: LeafId
    body: bytes
    subjects: bytes
    position: int | None

    def hash(self) -> bytes:
        """The leaf's hash in the tree (RFC 6962, section 2.1)."""
        return leaf_hash(self.body)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed statement of the log's size and root, as a C2SP signed note with what witnesses added."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often an actor was refused for one reason in one minute."""

    minute: datetime
    actor: str
    code: str
    count: int


class AuditStore(Protocol):
    """Where the log is kept."""

    def record(self, leaf: Leaf) -> bytes:
        """Store the leaf, unsequenced, and return its hash."""
        ...

    def unsequenced(self, limit: int) -> list[StoredLeaf]:
        """Committed leaves without a position, oldest first."""
        ...

    def waiting(self, limit: int) -> list[tuple[LeafId, bytes]]:
        """Those leaves by ID and body; their subjects, up to megabytes each, are not fetched."""
        ...

    def waits_since(self) -> datetime | None:
        """The time of the oldest leaf without a position, None when every leaf has one."""
        ...

    def size(self) -> int:
        """How many leaves are sequenced."""
        ...

    def sequence(
        self, placed: Sequence[tuple[LeafId, int]], nodes: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Give leaves their positions and store the new nodes (level, index, hash) of the tree."""
        ...

    def node(self, level: int, index: int) -> bytes:
        """A stored node of the tree."""
        ...

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Store a checkpoint of the present size."""
        ...

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """The largest checkpoint."""
        ...

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """The checkpoint of this size."""
        ...

    def checkpoint_up_to(self, size: int) -> StoredCheckpoint | None:
        """The largest checkpoint of at most this size."""
        ...

    def cosigned(self, limit: int) -> list[StoredCheckpoint]:
        """The newest checkpoints that a witness has co-signed, largest first."""
        ...

    def append_cosignature(self, size: int, line: str) -> None:
        """Add a witness's line to the checkpoint of this size."""
        ...

    def position(self, leaf: LeafId) -> int | None:
        """The leaf's position, None while it is unsequenced."""
        ...

    def leaves(self, start: int, end: int) -> Iterator[StoredLeaf]:
        """The sequenced leaves from position ``start`` up to, not including, ``end``."""
        ...

    def newest_at(self) -> datetime | None:
        """The time of the newest leaf."""
        ...

    def take_lease(self, name: str, holder: str, *, now: datetime, seconds: int) -> bool:
        """Take or renew a lease; False while another holder has it."""
        ...

    def lease_holder(self, name: str, *, now: datetime) -> str | None:
        """Who has a lease; None if nobody does."""
        ...

    def count_refusal(self, minute: datetime, actor: str, code: str) -> None:
        """Count one refused request."""
        ...

    def has_refusals(self, *, before: datetime) -> bool:
        """Whether there are counts of minutes before this time."""
        ...

    def take_refusals(self, *, before: datetime) -> list[Refusals]:
        """Remove and return the counts of minutes before this time."""
        ...
