"""Take records: data that a source sends by message; what a message leaves out stays, what is older is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.hospital import Came, RecordMessage, Taken, is_older
from ttp.core.identifying_data import Contact, IdentifyingData, InvalidRecord, from_content
from ttp.core.identities import Registered
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.persons.find_identities import identities_of_records
from ttp.services.persons.register_identities import register_identities
from ttp.services.persons.seal_identities import open_contents


def take_records(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    messages: Sequence[RecordMessage],
    leaf: LeafId,
) -> list[Taken | TTPError]:
    """Register or update the records of the messages, which name each record once; the population's lock is held.

    Whoever calls this has checked the right and the source.
    """
    names = [_name(one.record) for one in messages]
    records = [(source, name) for name in names if name]
    found = identities_of_records(center, tx, population=LOCAL, records=records)
    known = {name: found[source, name] for name in names if name and (source, name) in found}
    times = tx.hospital.times(sorted(known.values()))
    stale = {
        place
        for place, (name, one) in enumerate(zip(names, messages, strict=True))
        if name in known and is_older(one.at, times.get(known[name]))
    }
    fresh = [place for place in range(len(messages)) if place not in stale]
    stored = _stored(center, tx, sorted({known[name] for name in names if name in known}))
    whole = [
        overlaid(stored.get(known.get(names[place] or "")), messages[place].record)
        for place in fresh
    ]
    done = register_identities(center, tx, actor, source=source, records=whole)
    answers: dict[int, Taken | TTPError] = {
        place: Taken(names[place], Came.OUTDATED) for place in stale
    }
    for place, one in zip(fresh, done, strict=True):
        answers[place] = one if isinstance(one, TTPError) else Taken(names[place], one.outcome)
    _note_times(tx, [(messages[place], one) for place, one in zip(fresh, done, strict=True)], leaf)
    return [answers[place] for place in range(len(messages))]


def overlaid(stored: IdentifyingData | None, record: Mapping[str, Any]) -> object:
    """The record with what a message says of it: None deletes, absent fields stay.

    Numbers of a system that the message names replace those the record bore; other systems' numbers stay, and
    so it is with kinds of contacts.
    """
    if stored is None:
        given = {name: value for name, value in record.items() if value is not None}
        return given | ({"contacts": _overlaid_contacts((), given)} if "contacts" in given else {})
    fields: dict[str, Any] = dict(stored.fields) | {
        name: value
        for name, value in record.items()
        if name not in {"record_id", "identifiers", "contacts"}
    }
    borne = [{"system": one.system, "value": one.value} for one in stored.identifiers]
    if "identifiers" in record:
        said = record["identifiers"] or []
        if not isinstance(said, list):
            return InvalidRecord("The field identifiers is a list.")
        systems = [one.get("system") for one in said if isinstance(one, Mapping)]
        borne = [one for one in borne if said and one["system"] not in systems] + said
    kept = {name: value for name, value in fields.items() if value is not None}
    contacts = _overlaid_contacts(stored.contacts, record)
    return kept | {"record_id": stored.record_id, "identifiers": borne, "contacts": contacts}


def _overlaid_contacts(stored: Sequence[Contact], record: Mapping[str, Any]) -> object:
    """Contacts of a kind that the message names replace those of that kind; no value says that there are none."""
    borne = [{"kind": one.kind.value, "value": one.value} for one in stored]
    if "contacts" not in record:
        return borne
    said = record["contacts"] or []
    if not isinstance(said, list) or not all(isinstance(one, Mapping) for one in said):
        return said  # refused where records are checked
    kinds = [one.get("kind") for one in said]
    kept = [one for one in borne if said and one["kind"] not in kinds]
    return kept + [one for one in said if one.get("value", "") is not None]


def _name(record: Mapping[str, Any]) -> str | None:
    name = record.get("record_id")
    return name.strip() or None if isinstance(name, str) else None


def _stored(
    center: Center, tx: Transaction, identities: Sequence[IdentityId]
) -> dict[IdentityId | None, IdentifyingData]:
    rows = list(tx.identities.versions(identities).values())
    contents = open_contents(center, LOCAL, rows)
    return {row.id: from_content(one) for row, one in zip(rows, contents, strict=True)}


def _note_times(
    tx: Transaction, done: Sequence[tuple[RecordMessage, Registered | TTPError]], leaf: LeafId
) -> None:
    rows = [
        (one.identity, message.at)
        for message, one in done
        if not isinstance(one, TTPError) and message.at is not None
    ]
    tx.hospital.set_times(rows, leaf=leaf)
