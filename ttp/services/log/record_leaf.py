"""Record a leaf: the operation's own transaction writes what was done; without the leaf nothing commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keys.commitments import commit_many
from keys.digests import items_root
from keys.errors import KeyDestroyed
from keys.keyring import KeyMaterial, Purpose
from ttp.core.access import Actor
from ttp.core.audit import Leaf
from ttp.core.center import Center
from ttp.core.errors import KeysDestroyed
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.services.log.judge_log import require_writable


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be recorded. ``subjects`` are the originals or identities concerned; they enter as commitments.

    Raises:
        ValueError: the action is none of the closed set, whatever type it comes as.
    """

    action: EventKind
    domain: str | None = None
    purpose: str | None = None
    approval: str | None = None
    counts: Mapping[str, int] | None = None
    facts: Mapping[str, str] | None = None
    items: tuple[bytes, ...] = ()
    subjects: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        EventKind(self.action)


def new_leaf_id(center: Center) -> LeafId:
    """The identifier of a leaf to come; rows that the operation changes store it."""
    return LeafId(center.new_id())


def record_leaf(
    center: Center, tx: Transaction, actor: Actor, act: Act, *, leaf_id: LeafId | None = None
) -> bytes:
    """Write the leaf of an act and return its hash (32 bytes), which the acknowledgment carries.

    Raises:
        ClockBehind: the clock stands before a leaf that this process knows of.
        LogInDoubt: the database is not the newest one; see ``require_writable``.
        KeysDestroyed: the act has subjects, and the domain's commitment key is gone.
    """
    now = center.clock.now()
    center.newest.check(now)
    require_writable(center, tx)
    key = _commitment_key(center, act) if act.subjects else None
    leaf = Leaf(
        id=leaf_id or new_leaf_id(center),
        at=now,
        center=center.name,
        actor=actor,
        action=act.action,
        domain=act.domain,
        purpose=act.purpose,
        approval=act.approval,
        counts=act.counts or {},
        facts=act.facts or {},
        items_root=items_root(act.items) if act.items else None,
        subjects=_commitments(key.secret, act.subjects) if key else b"",
        commitment_version=key.version if key else None,
    )
    recorded = tx.audit.record(leaf)
    center.newest.saw(now)
    return recorded


def _commitment_key(center: Center, act: Act) -> KeyMaterial:
    try:
        return center.keyring.active(Purpose.AUDIT, act.domain or "")
    except KeyDestroyed:
        raise KeysDestroyed from None


def _commitments(secret: bytes, subjects: Iterable[bytes]) -> bytes:
    return b"".join(sorted(commit_many(secret, subjects)))
