"""Await records: what a source says of records that are not registered yet is remembered until they come."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.hospital import (
    AwaitedPair,
    AwaitedRelation,
    Came,
    Relation,
    RelationMessage,
    Taken,
    UnknownSurvivor,
    is_older,
)
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.hospital.bring_awaited import awaited_name
from ttp.services.persons.seal_identities import all_digests

Rivals = tuple[list[AwaitedRelation], list[AwaitedPair]]
"""What is remembered of the merge of the same record, which is replaced by one other at most."""


def await_records(
    center: Center,
    tx: Transaction,
    *,
    source: str,
    said: RelationMessage,
    first: IdentityId | None,
    second: IdentityId | None,
    leaf: LeafId,
) -> Taken | TTPError:
    """Remember a relation of which at least one record is missing; the population's lock is held.

    What takes back a relation that was never said is handed back as UnknownSurvivor.
    """
    digests = [
        all_digests(center, LOCAL, awaited_name(source, name)) for name in (said.first, said.second)
    ]
    if said.relation is Relation.PARTED:
        return _take_back(tx, said, digests, first, second)
    rivals = rivals_of(center, tx, source=source, said=said, first=first)
    if is_outdated(said, rivals):
        return Taken(said.first, Came.OUTDATED)
    forget(tx, rivals)
    told = (said.relation, said.by_reference, said.at)
    if second is not None:
        tx.hospital.await_record(AwaitedRelation(digests[0][0], second, *told), leaf=leaf)
    elif first is not None:
        survivor = AwaitedRelation(digests[1][0], first, *told, survivor=True)
        tx.hospital.await_record(survivor, leaf=leaf)
    else:
        tx.hospital.await_pair(AwaitedPair(digests[0][0], digests[1][0], *told), leaf=leaf)
    return Taken(said.first, Came.AWAITED)


def rivals_of(
    center: Center,
    tx: Transaction,
    *,
    source: str,
    said: RelationMessage,
    first: IdentityId | None,
) -> Rivals:
    """What is remembered of the first record that cannot stand beside what is said now."""
    if first is not None:
        waiting = [one for one in tx.hospital.awaited_by([first]) if one.survivor]
        merge = said.relation is Relation.REPLACED
        return [one for one in waiting if merge and one.relation is Relation.REPLACED], []
    digests = all_digests(center, LOCAL, awaited_name(source, said.first))
    pairs = [one for one in tx.hospital.awaited_pairs(digests) if one.first in digests]
    return [one for one in tx.hospital.awaited(digests) if not one.survivor], pairs


def is_outdated(said: RelationMessage, rivals: Rivals) -> bool:
    """Whether something newer is remembered."""
    return any(is_older(said.at, one.said_at) for kind in rivals for one in kind)


def forget(tx: Transaction, rivals: Rivals) -> None:
    """Remember these no more."""
    tx.hospital.forget_awaited(rivals[0])
    tx.hospital.forget_pairs(rivals[1])


def _take_back(
    tx: Transaction,
    said: RelationMessage,
    digests: Sequence[Sequence[bytes]],
    first: IdentityId | None,
    second: IdentityId | None,
) -> Taken | TTPError:
    known = second if first is None else first
    of_first, of_second = digests
    rows = tx.hospital.awaited(of_first if first is None else of_second) if known else []
    pairs = tx.hospital.awaited_pairs(of_first) if known is None else []
    ends = {*of_first, *of_second}
    named = (
        [one for one in rows if one.known == known],
        [one for one in pairs if {one.first, one.second} <= ends and one.first != one.second],
    )
    if not any(named):
        return UnknownSurvivor()
    if is_outdated(said, named):
        return Taken(said.first, Came.OUTDATED)
    forget(tx, named)
    return Taken(said.first, Came.PARTED)
