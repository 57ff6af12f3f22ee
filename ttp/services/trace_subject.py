"""Trace a subject: which acts concerned this original? Only its domain's commitment key can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from keys.commitments import commit
from keys.errors import KeyDestroyed
from keys.keyring import Purpose
from ttp.core.access import Actor, Right
from ttp.core.audit import COMMITMENT_BYTES, StoredLeaf
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.pseudonyms import checked_original
from ttp.services.export_audit import BLOCK, sequence_now
from ttp.services.record_leaf import Act, record_leaf


@dataclass(frozen=True, slots=True)
class Trace:
    """One act that concerned the subject."""

    position: int | None
    at: datetime
    actor: str
    action: str
    purpose: str | None


def trace_subject(center: Center, actor: Actor, *, domain: str, original: str) -> list[Trace]:
    """The acts in this domain that concerned the original, oldest first. Asking leaves its own leaf.

    Acts whose commitment key was destroyed are anonymous for good and do not appear.

    Raises:
        NotAllowed, UnknownDomain, InvalidOriginal: and nothing is read.
    """
    actor.require(Right.READ_AUDIT)
    subject = checked_original(original).encode()
    name = center.work.run(lambda tx: tx.domains.get(domain).name, write=False)
    act = Act(EventKind.AUDIT_SUBJECT_TRACED, domain=name, subjects=(subject,))
    sequence_now(center)
    found = [trace for leaf in _leaves(center) if (trace := _trace(center, leaf, name, subject))]
    center.work.run(lambda tx: record_leaf(center, tx, actor, act))
    return found


def _leaves(center: Center) -> Iterator[StoredLeaf]:
    with center.work.begin(write=False) as tx:
        size = tx.audit.size()
        for start in range(0, size, BLOCK):
            yield from tx.audit.leaves(start, min(start + BLOCK, size))


def _trace(center: Center, leaf: StoredLeaf, domain: str, subject: bytes) -> Trace | None:
    body: dict[str, Any] = orjson.loads(leaf.body)
    if body["domain"] != domain or not leaf.subjects:
        return None
    try:
        key = center.keyring.at(Purpose.AUDIT, domain, body["subjects"]["key_version"])
    except KeyDestroyed:
        return None
    starts = range(0, len(leaf.subjects), COMMITMENT_BYTES)
    if commit(key.secret, subject) not in {leaf.subjects[s : s + COMMITMENT_BYTES] for s in starts}:
        return None
    actor = f"{body['actor']['kind']} {body['actor']['name']}"
    at = datetime.fromisoformat(body["at"])
    return Trace(leaf.position, at, actor, body["action"], body["purpose"])
