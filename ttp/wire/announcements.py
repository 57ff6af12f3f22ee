"""Announcements: what a hospital system says of its records, as JSON; bad ones are errors in their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ttp.core.errors import InvalidField, TTPError
from ttp.core.hospital import Message, RecordMessage, Relation, RelationMessage, checked_time

RECORD = "record"
KINDS = (RECORD, *(one.value for one in Relation))

_KNOWN = frozenset({"kind", "at", "record", "first", "second"})
_KNOWN_OF_MERGE = frozenset({"replaced", "surviving", "record", "at", "ended"})


def read_message(item: object) -> Message | TTPError:
    """A message: ``kind`` (record, replaced, linked, parted), ``at``, ``record``; relations have two ends."""
    try:
        found = _object(item, _KNOWN)
        kind = found.get("kind")
        if kind not in KINDS:
            raise InvalidField("The kind of a message is record, replaced, linked or parted.")
        if kind != RECORD:
            return _relation(Relation(kind), found, "first", "second")
        record = _record(found)
        if record is None:
            raise InvalidField("A message of this kind brings a record.")
        return RecordMessage(record, _time(found))
    except TTPError as error:
        return error


def read_merge(item: object) -> Message | TTPError:
    """A merge: ``replaced`` and ``surviving``, with ``record``, ``at`` and ``ended`` if given."""
    try:
        found = _object(item, _KNOWN_OF_MERGE)
        ended = found.get("ended", False)
        if not isinstance(ended, bool):
            raise InvalidField("The field ended is true or false.")
        relation = Relation.PARTED if ended else Relation.REPLACED
        return _relation(relation, found, "replaced", "surviving")
    except TTPError as error:
        return error


def written(message: Message) -> dict[str, Any]:
    """The message as JSON; ``read_message`` reads it back."""
    at = {"at": message.at.isoformat()} if message.at else {}
    if isinstance(message, RecordMessage):
        return {"kind": RECORD, "record": dict(message.record), **at}
    data = {} if message.record is None else {"record": dict(message.record)}
    ends = {"first": message.first, "second": message.second}
    return {"kind": message.relation.value, **ends, **data, **at}


def _relation(
    relation: Relation, found: Mapping[str, Any], first: str, second: str
) -> RelationMessage:
    ends = [_name(found, first), _name(found, second)]
    return RelationMessage(relation, ends[0], ends[1], _record(found), _time(found))


def _object(item: object, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(item, Mapping) or set(item) - known:
        raise InvalidField(f"A message is an object with {', '.join(sorted(known))}.")
    return item


def _record(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    record = found.get("record")
    if record is not None and not isinstance(record, Mapping):
        raise InvalidField("The field record is an object.")
    return record


def _name(found: Mapping[str, Any], field: str) -> str:
    name = found.get(field)
    if not isinstance(name, str) or not name.strip():
        raise InvalidField(f"The field {field} names a record.")
    return name.strip()


def _time(found: Mapping[str, Any]) -> datetime | None:
    at = found.get("at")
    if at is not None and not isinstance(at, str):
        raise InvalidField("A message's time is written as RFC 3339.")
    return checked_time(at)
