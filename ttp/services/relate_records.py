"""Relate records: a source says that one of its records replaced another, that two are one, or that they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TTPError
from ttp.core.hospital import (
    AwaitedRelation,
    Came,
    RecordMessage,
    Relation,
    RelationMessage,
    SameRecord,
    Taken,
    UnknownSurvivor,
    is_older,
    said_between,
)
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.bring_awaited import awaited_name
from ttp.services.find_identities import identities_of_records
from ttp.services.join_related import say_relation
from ttp.services.seal_identities import all_digests
from ttp.services.take_records import take_records


def relate_records(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    said: RelationMessage,
    leaf: LeafId,
) -> Taken | TTPError:
    """Make a relation stand; the population's lock is held. The second record is registered first if data come.

    What is said of a first record that is not registered is remembered until it comes. Errors are handed back:
    SameRecord, UnknownSurvivor (the second is unknown and without data), InvalidRecord.
    """
    if said.first == said.second:
        return SameRecord()
    if said.record is not None and (problem := _take_data(center, tx, actor, source, said, leaf)):
        return problem
    names = [(source, said.first), (source, said.second)]
    found = identities_of_records(center, tx, population=LOCAL, records=names)
    second = found.get((source, said.second))
    if second is None:
        return UnknownSurvivor()
    first = found.get((source, said.first))
    if first is None:
        return _await(center, tx, source, said, second, leaf)
    came, case = say_relation(center, tx, said_between(source, said, first, second), leaf=leaf)
    return Taken(said.first, came, case)


def _take_data(
    center: Center,
    tx: Transaction,
    actor: Actor,
    source: str,
    said: RelationMessage,
    leaf: LeafId,
) -> TTPError | None:
    record: Mapping[str, Any] = said.record or {}
    if record.get("record_id", said.second) != said.second:
        return InvalidField("The data of a relation are those of the surviving record.")
    message = RecordMessage({**record, "record_id": said.second}, said.at)
    (done,) = take_records(center, tx, actor, source=source, messages=[message], leaf=leaf)
    return done if isinstance(done, TTPError) else None


def _await(
    center: Center,
    tx: Transaction,
    source: str,
    said: RelationMessage,
    second: IdentityId,
    leaf: LeafId,
) -> Taken | TTPError:
    digests = all_digests(center, LOCAL, awaited_name(source, said.first))
    before = tx.hospital.awaited(digests)
    if any(is_older(said.at, one.said_at) for one in before):
        return Taken(said.first, Came.OUTDATED)
    if said.relation is Relation.PARTED and not any(one.known == second for one in before):
        return UnknownSurvivor()
    tx.hospital.forget_awaited(digests)
    if said.relation is Relation.PARTED:
        return Taken(said.first, Came.PARTED)
    awaited = AwaitedRelation(digests[0], second, said.relation, said.by_reference, said.at)
    tx.hospital.await_record(awaited, leaf=leaf)
    return Taken(said.first, Came.AWAITED)
