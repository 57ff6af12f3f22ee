"""What tests let a source say, and a center of which they can ask what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ttp.core.access import OPERATOR, Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.hospital import Message, RecordMessage, Relation, RelationMessage, Taken
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL
from ttp.services.hospital.take_hospital_messages import take_hospital_messages
from ttp.services.persons.find_identities import identities_of_records

START = datetime(2026, 11, 1, tzinfo=UTC)


def minute(number: int | None) -> datetime | None:
    """A time, by its number; None has none."""
    return None if number is None else START + timedelta(minutes=number)


def data(record: Mapping[str, Any], at: int | None = None) -> RecordMessage:
    """Data of a record."""
    return RecordMessage(record, minute(at))


def merged(
    first: str, second: str, at: int | None = None, record: Mapping[str, Any] | None = None
) -> RelationMessage:
    """The first record was merged into the second."""
    return RelationMessage(Relation.REPLACED, first, second, record, minute(at))


def parted(first: str, second: str, at: int | None = None) -> RelationMessage:
    """The merge or link of the two is taken back."""
    return RelationMessage(Relation.PARTED, first, second, None, minute(at))


def linked(first: str, second: str, at: int | None = None) -> RelationMessage:
    """The two are one patient, and both go on."""
    return RelationMessage(Relation.LINKED, first, second, None, minute(at))


def take(
    center: Center, *messages: Message, source: str = "kis", actor: Actor = OPERATOR
) -> list[Taken | TTPError]:
    """Take the messages in one transaction."""
    return center.work.run(
        lambda tx: take_hospital_messages(center, tx, actor, source=source, messages=messages)
    )


def outcomes(answers: list[Taken | TTPError]) -> list[str]:
    """The words of the answers: an outcome, or the code of an error."""
    return [one.code if isinstance(one, TTPError) else one.outcome.value for one in answers]


def say(center: Center, *messages: Message, source: str = "kis") -> list[str]:
    """Take the messages; what came of them, in words."""
    return outcomes(take(center, *messages, source=source))


def identities(center: Center, *records: str, source: str = "kis") -> list[IdentityId]:
    """The identities of the source's records."""
    with center.work.begin(write=False) as tx:
        names = [(source, record) for record in records]
        found = identities_of_records(center, tx, population=LOCAL, records=names)
    return [found[name] for name in names]


def person_count(center: Center) -> int:
    """How many persons there are."""
    with center.work.begin(write=False) as tx:
        return tx.identities.count(LOCAL)[1]


def registered_as(center: Center, *records: Mapping[str, Any], source: str = "kis") -> None:
    """Register records as new ones of a source."""
    assert set(say(center, *map(data, records), source=source)) == {"new"}
