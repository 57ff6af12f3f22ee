"""Bring what was awaited: what a source said of records before they came stands as soon as they are here."""

from __future__ import annotations

from collections.abc import Mapping

from ttp.core.center import Center
from ttp.core.hospital import AwaitedRelation, SaidRelation
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL, IdentityState, pair_of
from ttp.core.ports import Transaction
from ttp.services.hospital.join_related import say_relation
from ttp.services.persons.seal_identities import all_digests, named_record_key


def awaited_name(source: str, record_id: str) -> bytes:
    """What the digest of a record that is not here yet is made of."""
    return b"awaited\0" + named_record_key(source, record_id)


def bring_awaited(
    center: Center,
    tx: Transaction,
    *,
    source: str,
    came: Mapping[str, IdentityId],
    leaf: LeafId,
) -> int:
    """Make stand what waited for these records, by their names; the population's lock is held.

    Returns how much waited. What waited for a record whose counterpart was deleted meanwhile is dropped.
    """
    names: dict[bytes, IdentityId] = {}
    for record_id, identity in came.items():
        content = awaited_name(source, record_id)
        names |= dict.fromkeys(all_digests(center, LOCAL, content), identity)
    _halve_pairs(tx, names, leaf=leaf)
    found = tx.hospital.awaited(sorted(names))
    if not found:
        return 0
    tx.hospital.forget_awaited(found)
    known = tx.identities.get(sorted({one.known for one in found}))
    for one in found:
        if known[one.known].state is not IdentityState.DELETED:
            say_relation(center, tx, _said(source, one, names[one.digest]), leaf=leaf)
    return len(found)


def _halve_pairs(tx: Transaction, names: Mapping[bytes, IdentityId], *, leaf: LeafId) -> None:
    """Of pairs of which one record came, the other is awaited from now on."""
    pairs = tx.hospital.awaited_pairs(sorted(names))
    tx.hospital.forget_pairs(pairs)
    for pair in pairs:
        first = names.get(pair.first)
        half = pair.with_second(names[pair.second]) if first is None else pair.with_first(first)
        tx.hospital.await_record(half, leaf=leaf)


def _said(source: str, awaited: AwaitedRelation, came: IdentityId) -> SaidRelation:
    return SaidRelation(
        source,
        pair_of(came, awaited.known),
        awaited.relation,
        awaited.replaced(came),
        awaited.by_reference,
        awaited.said_at,
    )
