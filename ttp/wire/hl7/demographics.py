"""Demographics: a PID segment becomes a record; absent fields are absent, deleted ones None (HL7 v2.5.1, 3.4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ttp.core.errors import BadRequest
from ttp.wire.hl7.contacts import contacts_of
from ttp.wire.hl7.message import DELETED, Components, Segment
from ttp.wire.hl7.source_map import GKV, SourceMap

Record = dict[str, object]

_KVNR = re.compile(r"[A-Z][0-9]{9}")
_DATE = re.compile(r"[0-9]{8}")
_OID = re.compile(r"[0-9]+(\.[0-9]+)+")
_POSTCODE = re.compile(r"[0-9]{5}")
_SEXES = {"M": "m", "F": "f", "W": "f", "D": "d", "O": "d", "X": "d", "A": "d"}
_NAMES = ("L", "", "D", "C", "S")
_BIRTH_NAMES = ("M", "B")
_LIVED_IN = ("H", "C", "L", "P", "", "O", "B")
_GERMANY = frozenset({"", "D", "DE", "DEU", "GER"})
_NAME_TYPE, _ADDRESS_TYPE = 7, 7


class Hl7NumberMissing(BadRequest):
    """A patient of the message has no number that could name the record."""

    code = "hl7-number-missing"


def record_of(pid: Segment, source_map: SourceMap) -> Record:
    """The record of a PID segment, fields as ``checked_record`` takes them.

    Raises:
        Hl7NumberMissing: PID-3 holds no number of the authority that names records.
    """
    numbers = pid.repetitions(3)
    record: Record = {"record_id": record_id_of(numbers, source_map)}
    record |= _numbers(numbers, source_map) | _names(pid) | _birth_date(pid) | _sex(pid)
    home = _home(pid)
    contacts = contacts_of(pid, home)
    return record | _address(pid, home) | ({"contacts": contacts} if contacts else {})


def record_id_of(numbers: Sequence[Components], source_map: SourceMap) -> str:
    """The number that names the record.

    Raises:
        Hl7NumberMissing: there is none.
    """
    for one in numbers:
        wanted = source_map.record_id in {None, *_authorities(one)}
        if wanted and not one.deleted and one.text(1) and not _insured(one, source_map):
            return one.text(1)
    raise Hl7NumberMissing


def _authorities(number: Components) -> tuple[str, ...]:
    """The names of who assigned a number: namespace and universal ID (CX.4)."""
    return tuple(one for one in (number.text(4, 1), number.text(4, 2)) if one)


def _insured(number: Components, source_map: SourceMap) -> bool:
    typed = number.text(5) in source_map.insurance_types
    return typed and _KVNR.fullmatch(number.text(1).upper()) is not None


def _numbers(numbers: Sequence[Components], source_map: SourceMap) -> Record:
    found: list[dict[str, str]] = []
    record: Record = {}
    for one in numbers:
        if one.deleted or not one.text(1):
            continue
        if _insured(one, source_map):
            record["kvnr"] = one.text(1).upper()
            found.append({"system": GKV, "value": one.text(1).upper()})
        elif system := _system(one, source_map):
            found.append({"system": system, "value": one.text(1)})
    return record | ({"identifiers": found} if found else {})


def _system(number: Components, source_map: SourceMap) -> str | None:
    for authority in _authorities(number):
        if system := source_map.systems.get(authority):
            return system
    oid = number.text(4, 2)
    return f"urn:oid:{oid}" if number.text(4, 3) == "ISO" and _OID.fullmatch(oid) else None


def _names(pid: Segment) -> Record:
    names = pid.repetitions(5)
    if not names:
        return {}
    if names[0].deleted:
        return {"surname": None, "given_name": None, "birth_name": None}
    named = _typed([one for one in names if _type(one) not in _BIRTH_NAMES], _NAMES, _NAME_TYPE)
    born = _typed([one for one in names if _type(one) in _BIRTH_NAMES], _BIRTH_NAMES, _NAME_TYPE)
    record: Record = {}
    if named is not None:
        given = " ".join(part for part in (named.text(2), named.text(3)) if part)
        record = {"surname": _family(named), "given_name": given}
    if born is not None:
        record["birth_name"] = None if born.deleted else _family(born)
    return {name: value for name, value in record.items() if value != ""}


def _type(name: Components) -> str:
    return name.text(_NAME_TYPE).upper()


def _family(name: Components) -> str:
    """The family name; where only its parts are given, prefix and own name (FN.2, FN.3)."""
    parts = " ".join(part for part in (name.text(1, 2), name.text(1, 3)) if part)
    return name.text(1, 1) or parts


def _birth_date(pid: Segment) -> Record:
    """A whole date; year or month alone say nothing."""
    born = pid.repetitions(7)
    if not born:
        return {}
    digits = born[0].text(1)[:8]
    if born[0].deleted or not _DATE.fullmatch(digits):
        return {"birth_date": None} if born[0].deleted else {}
    return {"birth_date": f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"}


def _sex(pid: Segment) -> Record:
    sex = pid.repetitions(8)
    if not sex:
        return {}
    if sex[0].deleted:
        return {"sex": None}
    code = _SEXES.get(sex[0].text(1).upper())
    return {"sex": code} if code else {}


def _home(pid: Segment) -> Components | None:
    addresses = pid.repetitions(11)
    told = [one for one in addresses if one.raw.strip() != DELETED]
    return _typed(told, _LIVED_IN, _ADDRESS_TYPE) if told == addresses else None


def _address(pid: Segment, home: Components | None) -> Record:
    if home is None:
        addresses = pid.repetitions(11)
        gone = bool(addresses) and addresses[0].raw.strip() == DELETED
        return {"postcode": None, "city": None} if gone else {}
    code, country = home.text(5), home.text(6).upper()
    readable = any(char.isdigit() for char in code) and len(code) <= 10
    cut = country in _GERMANY and not _POSTCODE.fullmatch(code)
    record: Record = {"city": home.text(3), "postcode": code if readable and not cut else ""}
    return {name: value for name, value in record.items() if value}


def _typed(items: Sequence[Components], types: Sequence[str], component: int) -> Components | None:
    """The first of the best type; other types (nicknames, mail addresses) are not read."""
    ranked = [one for one in items if one.text(component).upper() in types]
    return min(ranked, key=lambda one: types.index(one.text(component).upper()), default=None)
