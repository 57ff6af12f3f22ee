"""Trace a subject: which acts concerned this original, or this person? Only the commitment keys can tell.

Leaves name their subjects by keyed commitments, one key per domain and population. Whoever holds the keyring
computes what the subject's commitment would be in each leaf; whoever holds only the log learns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from keys.commitments import commit_many
from keys.errors import KeyDestroyed
from keys.keyring import Purpose
from ttp.core.access import Actor, Right
from ttp.core.audit import COMMITMENT_BYTES, StoredLeaf
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import IdentityId, PersonId
from ttp.core.person_names import UnknownRecord
from ttp.core.persons import LOCAL, scope_of
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import checked_original
from ttp.services.log.export_audit import BLOCK, sequence_now
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.find_identities import identities_of_records

Subjects = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """One act that concerned the subject. ``scope`` is a domain, or ``population:NAME``."""

    position: int | None
    at: datetime
    actor: str
    action: str
    scope: str
    purpose: str | None


def trace_subject(
    center: Center, actor: Actor, *, original: str, domain: str | None = None
) -> list[Trace]:
    """The acts that concerned the original in one domain or in all, oldest first. Asking leaves its own leaf.

    Acts whose commitment key was destroyed are anonymous for good and do not appear.

    Raises:
        NotAllowed, UnknownDomain, InvalidOriginal: and nothing is read.
    """
    actor.require(Right.READ_AUDIT)
    subject = checked_original(original).encode()
    name = domain and center.work.run(lambda tx: tx.domains.get(domain).name, write=False)
    act = Act(EventKind.AUDIT_SUBJECT_TRACED, domain=name, subjects=(subject,) if name else ())
    return _search(center, actor, (subject,), act, scope=name)


def trace_person(center: Center, actor: Actor, *, source: str, record_id: str) -> list[Trace]:
    """The acts that concerned the person a record belongs to, under each of its identities, in every scope.

    Raises:
        NotAllowed, UnknownPopulation, UnknownRecord: and nothing is read.
    """
    actor.require(Right.READ_AUDIT)
    subjects = center.work.run(
        lambda tx: _subjects_of(center, tx, source=source, record_id=record_id), write=False
    )
    act = Act(EventKind.AUDIT_SUBJECT_TRACED, domain=scope_of(LOCAL), subjects=subjects)
    return _search(center, actor, subjects, act, scope=None)


def _subjects_of(center: Center, tx: Transaction, *, source: str, record_id: str) -> Subjects:
    """What leaves may name a person by: each identity, and as an original each ID the person may have had."""
    found = identities_of_records(
        center, tx, population=LOCAL, records=[(source, record_id)]
    ).values()
    if not found:
        raise UnknownRecord
    person = next(iter(tx.identities.get(list(found)).values())).person
    identities = [one.id for one in tx.identities.members([person])]
    return tuple(sorted({form for one in identities for form in forms_of(one)}))


def forms_of(identity: IdentityId | PersonId) -> Subjects:
    """What leaves may name an identity or a person by."""
    return identity.bytes, str(identity).encode()


def _search(
    center: Center, actor: Actor, subjects: Subjects, act: Act, *, scope: str | None
) -> list[Trace]:
    found = traces_of(center, subjects, scope=scope)
    center.work.run(lambda tx: record_leaf(center, tx, actor, act))
    return found


def traces_of(center: Center, subjects: Subjects, *, scope: str | None = None) -> list[Trace]:
    """The acts that concerned one of these subjects, oldest first; who asks checks rights and leaves a leaf.

    A subject is what leaves name by commitments: the 16 bytes of an identity, or an original.
    """
    sequence_now(center)
    return [trace for leaf in _leaves(center) if (trace := _trace(center, leaf, scope, subjects))]


def _leaves(center: Center) -> Iterator[StoredLeaf]:
    with center.work.begin(write=False) as tx:
        size = tx.audit.size()
        for start in range(0, size, BLOCK):
            yield from tx.audit.leaves(start, min(start + BLOCK, size))


def _trace(center: Center, leaf: StoredLeaf, scope: str | None, subjects: Subjects) -> Trace | None:
    if not leaf.subjects:
        return None
    body: dict[str, Any] = orjson.loads(leaf.body)
    place = body["domain"] or ""
    if scope is not None and place != scope:
        return None
    try:
        key = center.keyring.at(Purpose.AUDIT, place, body["subjects"]["key_version"])
    except KeyDestroyed:
        return None
    starts = range(0, len(leaf.subjects), COMMITMENT_BYTES)
    named = {leaf.subjects[start : start + COMMITMENT_BYTES] for start in starts}
    if named.isdisjoint(commit_many(key.secret, subjects)):
        return None
    actor = f"{body['actor']['kind']} {body['actor']['name']}"
    at = datetime.fromisoformat(body["at"])
    return Trace(leaf.position, at, actor, body["action"], place, body["purpose"])
