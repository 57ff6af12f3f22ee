"""Identifying data: what a source says of one patient, kept as given, and checked field by field where it enters.

No error here repeats a value: it names the field and what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NoReturn

import orjson

from linkage.normalize import Unreadable, normalize
from linkage.schema import Kind
from ttp.core.errors import BadRequest

LONGEST_VALUE = 200
LONGEST_SYSTEM = 512
MOST_IDENTIFIERS = 50
MOST_CONTACTS = 50

FIELDS: Mapping[str, Kind] = {
    "given_name": Kind.GIVEN_NAME,
    "surname": Kind.SURNAME,
    "birth_name": Kind.SURNAME,
    "birth_date": Kind.DATE,
    "sex": Kind.SEX,
    "postcode": Kind.POSTCODE,
    "city": Kind.TEXT,
    "kvnr": Kind.KVNR,
}
"""The fields of identifying data and what each means, in the order in which people read them."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class InvalidRecord(BadRequest):
    """A record is not an object of the known fields."""

    code = "invalid-record"


class ValueTooLong(InvalidRecord):
    """A value is longer than any name, place or identifier."""

    code = "value-too-long"


class ControlCharacter(InvalidRecord):
    """A value holds a NUL or another control character."""

    code = "control-character"


class MalformedDate(InvalidRecord):
    """A date is not written YYYY-MM-DD."""

    code = "malformed-date"


class ImpossibleDate(InvalidRecord):
    """A date does not exist, lies in the future, or before 1850."""

    code = "impossible-date"


class UnknownSex(InvalidRecord):
    """The code of the sex is not known."""

    code = "unknown-sex"


class MalformedPostcode(InvalidRecord):
    """A postcode has a digit and at most ten characters."""

    code = "malformed-postcode"


class RecordIncomplete(InvalidRecord):
    """A record needs an identifier, or a surname and a birth date."""

    code = "record-incomplete"


class DuplicateRecordId(InvalidRecord):
    """Several records of one request have the same record ID."""

    code = "duplicate-record-id"


class InvalidIdentifier(InvalidRecord):
    """An identifier needs a system and a value."""

    code = "invalid-identifier"


class InvalidContact(InvalidRecord):
    """A contact needs a kind (phone, email or street) and a value."""

    code = "invalid-contact"


_UNREADABLE: Mapping[str, type[InvalidRecord]] = {
    "date-not-iso": MalformedDate,
    "date-impossible": ImpossibleDate,
    "date-out-of-range": ImpossibleDate,
    "sex-unknown-code": UnknownSex,
    "postcode-malformed": MalformedPostcode,
}


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A value that some system gave a patient."""

    system: str
    value: str

    def key(self) -> bytes:
        """The bytes that its blind index is made of; no two identifiers share them."""
        return f"{len(self.system)}:{self.system}{self.value}".encode()


class ContactKind(StrEnum):
    """How somebody can be reached."""

    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"


@dataclass(frozen=True, slots=True, order=True)
class Contact:
    """One way to reach a patient; kept in versions with the record, never compared."""

    kind: ContactKind
    value: str


@dataclass(frozen=True, slots=True)
class IdentifyingData:
    """One record. ``fields`` holds the values that are present, by the names of ``FIELDS``."""

    record_id: str | None
    fields: Mapping[str, str]
    identifiers: tuple[Identifier, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def content(self) -> bytes:
        """The record as canonical JSON: the same content always gives the same bytes."""
        if not self.contacts:  # as before there were contacts, so that a record stays the same one
            return self.naming_content()
        contacts = [[one.kind.value, one.value] for one in sorted(self.contacts)]
        document = orjson.loads(self.naming_content()) | {"contacts": contacts}
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)

    def naming_content(self) -> bytes:
        """The content without contacts: by it a record without an ID is known when it comes again."""
        document = {
            "record_id": self.record_id,
            "fields": dict(self.fields),
            "identifiers": [[one.system, one.value] for one in sorted(self.identifiers)],
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def from_content(content: bytes) -> IdentifyingData:
    """The record of canonical bytes."""
    document = orjson.loads(content)
    identifiers = tuple(Identifier(system, value) for system, value in document["identifiers"])
    contacts = tuple(Contact(ContactKind(one), text) for one, text in document.get("contacts", ()))
    return IdentifyingData(document["record_id"], document["fields"], identifiers, contacts)


def checked_record(value: object, *, today: date) -> IdentifyingData:
    """The record, values as given less surrounding blanks; empty values are missing.

    Raises:
        InvalidRecord: or one of its subclasses, naming the field.
    """
    if not isinstance(value, Mapping):
        raise InvalidRecord("A record is an object.")
    if set(value) - FIELDS.keys() - {"record_id", "identifiers", "contacts"}:
        raise InvalidRecord("A record has a field that is not known.")
    record_id = _text(value.get("record_id"), "record_id")
    fields = {name: text for name in FIELDS if (text := _text(value.get(name), name))}
    identifiers = _identifiers(value.get("identifiers"))
    contacts = _contacts(value.get("contacts"))
    for name, text in fields.items():
        _refuse_unreadable(name, text, today)
    if not identifiers and not _identifies(fields):
        raise RecordIncomplete
    return IdentifyingData(record_id, fields, identifiers, contacts)


def readable(data: IdentifyingData) -> dict[str, str | None]:
    """The fields as comparison and encoding take them; what normalization cannot read is missing."""
    return {name: _readable(data.fields.get(name), kind) for name, kind in FIELDS.items()}


def _identifies(fields: Mapping[str, str]) -> bool:
    return bool(fields.get("kvnr") or (fields.get("surname") and fields.get("birth_date")))


def _text(value: object, field: str, *, longest: int = LONGEST_VALUE) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidRecord(f"The field {field} is a string.")
    if len(value) > longest:
        raise ValueTooLong(f"The field {field} has at most {longest} characters.")
    if _CONTROL.search(value):
        raise ControlCharacter(f"The field {field} holds a control character.")
    return value.strip() or None


def _identifiers(value: object) -> tuple[Identifier, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_IDENTIFIERS:
        raise InvalidIdentifier(f"The field identifiers is a list of at most {MOST_IDENTIFIERS}.")
    return tuple(dict.fromkeys(_identifier(one) for one in value))


def _identifier(value: Any) -> Identifier:
    if not isinstance(value, Mapping) or set(value) != {"system", "value"}:
        raise InvalidIdentifier
    system = _text(value["system"], "identifiers.system", longest=LONGEST_SYSTEM)
    text = _text(value["value"], "identifiers.value")
    if not system or not text:
        raise InvalidIdentifier
    return Identifier(system, text)


def _contacts(value: object) -> tuple[Contact, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_CONTACTS:
        raise InvalidContact(f"The field contacts is a list of at most {MOST_CONTACTS}.")
    return tuple(dict.fromkeys(_contact(one) for one in value))


def _contact(value: Any) -> Contact:
    if not isinstance(value, Mapping) or set(value) != {"kind", "value"}:
        raise InvalidContact
    text = _text(value["value"], "contacts.value")
    if not text or value["kind"] not in list(ContactKind):
        raise InvalidContact
    return Contact(ContactKind(value["kind"]), text)


def _refuse_unreadable(field: str, text: str, today: date) -> None:
    try:
        parts = normalize(text, kind=FIELDS[field])
    except Unreadable as error:
        _refuse(field, error.code)
    if field == "birth_date" and parts and parts[0] > today.strftime("%Y%m%d"):
        raise ImpossibleDate("The field birth_date lies in the future.")


def _refuse(field: str, code: str) -> NoReturn:
    error = _UNREADABLE.get(code, InvalidRecord)
    what = (error.__doc__ or "").split("\n", maxsplit=1)[0]
    raise error(f"The field {field} cannot be read. {what}") from None


def _readable(text: str | None, kind: Kind) -> str | None:
    try:
        return text if normalize(text, kind=kind) else None
    except Unreadable:
        return None
