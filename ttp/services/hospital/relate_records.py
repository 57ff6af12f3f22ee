"""Relate records: a source says that one of its records replaced another, that two are one, or that they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TTPError
from ttp.core.hospital import (
    Came,
    RecordMessage,
    RelationMessage,
    SameRecord,
    Taken,
    said_between,
)
from ttp.core.names import LeafId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.hospital.await_records import await_records, forget, is_outdated, rivals_of
from ttp.services.hospital.join_related import say_relation
from ttp.services.hospital.take_records import take_records
from ttp.services.persons.find_identities import identities_of_records


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

    What is said of records that are not registered is remembered until they come. Errors are handed back:
    SameRecord, UnknownSurvivor (taken back is what was never said), InvalidRecord.
    """
    if said.first == said.second:
        return SameRecord()
    if said.record is not None and (problem := _take_data(center, tx, actor, source, said, leaf)):
        return problem
    names = [(source, said.first), (source, said.second)]
    found = identities_of_records(center, tx, population=LOCAL, records=names)
    first, second = (found.get(name) for name in names)
    if first is None or second is None:
        return await_records(
            center, tx, source=source, said=said, first=first, second=second, leaf=leaf
        )
    rivals = rivals_of(center, tx, source=source, said=said, first=first)
    if is_outdated(said, rivals):
        return Taken(said.first, Came.OUTDATED)
    came, case = say_relation(center, tx, said_between(source, said, first, second), leaf=leaf)
    if came is not Came.OUTDATED:
        forget(tx, rivals)
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
