"""Events: what an ADT message says of records (HL7 v2.5.1, chapter 3.3); every other message is acknowledged unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from ttp.core.hospital import Message, RecordMessage, Relation, RelationMessage
from ttp.wire.hl7.demographics import record_id_of, record_of
from ttp.wire.hl7.message import Hl7Malformed, Hl7Message, Segment
from ttp.wire.hl7.source_map import SourceMap

RECORDS = frozenset({"A01", "A04", "A05", "A08", "A28", "A31"})
"""Admit, register, pre-admit, update, add and update person: the data of a record."""
MERGES = frozenset({"A18", "A30", "A34", "A36", "A39", "A40", "A47"})
"""MRG names the record that PID replaced; A47 gives a record another number."""
LINK, UNLINK = "A24", "A37"

_TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.\d{1,4})?)?(?:([+-])(\d\d)(\d\d))?"
)


def messages_of(message: Hl7Message, source_map: SourceMap) -> list[Message]:
    """What the message says of records; nothing if its event is none of these or is ignored by the map.

    Raises:
        Hl7Malformed: a segment is missing. Hl7NumberMissing: a record has no name.
    """
    event = message.event
    if message.kind != "ADT" or event in source_map.ignore:
        return []
    at = time_of(message, source_map)
    if event in RECORDS:
        return [RecordMessage(record_of(_pids(message, 1)[0], source_map), at)]
    if event in MERGES:
        return list(_merges(message, source_map, at))
    if event in {LINK, UNLINK}:
        return list(_links(message, source_map, at))
    return []


def time_of(message: Hl7Message, source_map: SourceMap) -> datetime | None:
    """When the source said it: EVN-2, else MSH-7; None if neither says at least the minute."""
    told = [one.text(2) for one in message.named("EVN")] + [message.header.text(7)]
    times = (_time(one, source_map) for one in told)
    return next((one for one in times if one is not None), None)


def _time(text: str, source_map: SourceMap) -> datetime | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    numbers = [int(one or 0) for one in found.groups()[:6]]
    try:
        local = datetime(*numbers, tzinfo=source_map.time_zone)  # type: ignore[misc,arg-type] # year to second
    except ValueError:
        return None
    if sign := found.group(7):
        offset = timedelta(hours=int(found.group(8)), minutes=int(found.group(9)))
        if offset >= timedelta(hours=24):
            return None
        local = local.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    return local.astimezone(UTC)


def _pids(message: Hl7Message, count: int) -> list[Segment]:
    found = list(message.named("PID"))
    if len(found) < count:
        raise Hl7Malformed("A message of this event lacks a PID segment.")
    return found


def _merges(message: Hl7Message, source_map: SourceMap, at: datetime | None) -> Iterator[Message]:
    """Each MRG belongs to the PID before it."""
    pid: Segment | None = None
    said = 0
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG" and pid is not None:
            record = record_of(pid, source_map)
            first = record_id_of(segment.repetitions(1), source_map)
            said += 1
            second = str(record["record_id"])
            yield RelationMessage(Relation.REPLACED, first, second, _data(record), at)
    if not said:
        raise Hl7Malformed("A message of this event lacks a PID or MRG segment.")


def _links(message: Hl7Message, source_map: SourceMap, at: datetime | None) -> Iterator[Message]:
    one, other = (record_of(pid, source_map) for pid in _pids(message, 2)[:2])
    ends = str(one["record_id"]), str(other["record_id"])
    if message.event == UNLINK:
        yield RelationMessage(Relation.PARTED, *ends, None, at)
        return
    if _data(one):
        yield RecordMessage(one, at)
    yield RelationMessage(Relation.LINKED, *ends, _data(other), at)


def _data(record: dict[str, object]) -> dict[str, object] | None:
    """The record if it says more than its numbers, as merges often do not."""
    return record if set(record) - {"record_id", "identifiers"} else None
