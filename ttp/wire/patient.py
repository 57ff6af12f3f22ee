"""Patient: a FHIR R4 Patient becomes a record: what tells persons apart, how they are reached, nothing clinical.

Follows the MII core data set, module Person: identifiers (GKV, PKV, hospital), official and maiden names,
addresses. Telephone, mail and street are contacts, by which nobody is matched. Values that the sender masked or
cut (data-absent-reason, a year for a date, two digits of a postcode) are missing values, never errors. Dates of
death and all other elements are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ttp.core.identifying_data import IdentifyingData, InvalidRecord, checked_record

INSURANCE_NUMBERS = frozenset({"http://fhir.de/sid/gkv/kvid-10", "http://fhir.de/sid/pkv/kvid-10"})
"""Systems whose values are health insurance numbers (Deutsche Basisprofile R4)."""

_OWN_NAME = "http://hl7.org/fhir/StructureDefinition/humanname-own-name"
_OWN_PREFIX = "http://hl7.org/fhir/StructureDefinition/humanname-own-prefix"
_NAME_USES = ("official", "usual", None, "temp", "old")
_ADDRESS_USES = ("home", None, "temp", "work", "billing", "old")
_REACHED_BY = {"phone": "phone", "sms": "phone", "email": "email"}
_SEXES = {"male": "m", "female": "f", "other": "d"}
_WHOLE_DATE = len("2026-11-22")
_GERMAN_POSTCODE = 5

Json = Mapping[str, Any]


def read_patient(document: object, *, today: date) -> IdentifyingData:
    """The record of a Patient; its logical ID is the record ID.

    Raises:
        InvalidRecord: or one of its subclasses; no value is repeated.
    """
    patient = _object(document)
    if patient.get("resourceType") != "Patient":
        raise InvalidRecord("The resource is not a Patient.")
    identifiers = list(_identifiers(patient))
    record: dict[str, object] = {
        "record_id": patient.get("id"),
        "identifiers": identifiers,
        "kvnr": next(
            (one["value"] for one in identifiers if one["system"] in INSURANCE_NUMBERS), None
        ),
        "sex": _sex(patient.get("gender")),
        "birth_date": _birth_date(patient.get("birthDate")),
        "contacts": list(_contacts(patient)),
    }
    return checked_record(record | _name(patient) | _address(patient), today=today)


def _identifiers(patient: Json) -> Iterator[dict[str, str]]:
    """Those with a system and a value; what is absent for a reason is passed over."""
    for one in _objects(patient, "identifier"):
        system, value = one.get("system"), one.get("value")
        if isinstance(system, str) and isinstance(value, str) and system.strip() and value.strip():
            yield {"system": system, "value": value}


def _name(patient: Json) -> dict[str, object]:
    names = _objects(patient, "name")
    maiden = next((one for one in names if one.get("use") == "maiden"), {})
    named = _preferred([one for one in names if one.get("use") != "maiden"], _NAME_USES)
    family = named.get("family") or _own_name(named)
    born = maiden.get("family") or _own_name(maiden)
    given = [one for one in _list(named, "given") if isinstance(one, str)]
    return {
        "given_name": " ".join(given) or None,
        "surname": family,
        "birth_name": born if born != family else None,
    }


def _own_name(name: Json) -> str | None:
    """The name from its parts, where the sender gave nothing but those."""
    extensions = _objects(_object(name.get("_family") or {}), "extension")
    parts = {one.get("url"): one.get("valueString") for one in extensions}
    found = [parts.get(_OWN_PREFIX), parts.get(_OWN_NAME)]
    return " ".join(one for one in found if isinstance(one, str)) or None


def _address(patient: Json) -> dict[str, object]:
    chosen = _home(patient)
    return {"postcode": _postcode(chosen), "city": chosen.get("city")}


def _home(patient: Json) -> Json:
    """The address where the patient lives; a post box only if there is nothing else."""
    addresses = _objects(patient, "address")
    lived_in = [one for one in addresses if one.get("type") != "postal"] or addresses
    return _preferred(lived_in, _ADDRESS_USES)


def _contacts(patient: Json) -> Iterator[dict[str, str]]:
    """Telephone and mail that are not old, and the lines of the address where the patient lives."""
    for one in _objects(patient, "telecom"):
        kind, value = _REACHED_BY.get(str(one.get("system"))), one.get("value")
        if kind and isinstance(value, str) and value.strip() and one.get("use") != "old":
            yield {"kind": kind, "value": value}
    lines = [one.strip() for one in _list(_home(patient), "line") if isinstance(one, str)]
    if any(lines):
        yield {"kind": "street", "value": ", ".join(filter(None, lines))}


def _postcode(address: Json) -> object:
    code = address.get("postalCode")
    if not isinstance(code, str):
        return code
    german = address.get("country") in {None, "DE", "DEU", "Deutschland", "Germany"}
    cut = german and len([char for char in code if char.isdigit()]) < _GERMAN_POSTCODE
    readable = any(char.isdigit() for char in code) and len(code.strip()) <= 10
    return code if readable and not cut else None


def _sex(gender: object) -> object:
    """FHIR's administrative gender; ``unknown`` and codes that do not exist are missing."""
    return _SEXES.get(gender) if isinstance(gender, str) else None


def _birth_date(value: object) -> object:
    """A whole date; a year or month alone is a missing date."""
    cut = isinstance(value, str) and len(value) < _WHOLE_DATE
    return None if cut else value


def _preferred(items: Sequence[Json], uses: Sequence[str | None]) -> Json:
    ranks = {use: rank for rank, use in enumerate(uses)}
    return min(items, key=lambda one: ranks.get(_use(one), len(uses)), default={})


def _use(item: Json) -> str | None:
    use = item.get("use")
    return use if isinstance(use, str) else None


def _objects(parent: Json, name: str) -> list[Json]:
    return [_object(one) for one in _list(parent, name)]


def _list(parent: Json, name: str) -> list[Any]:
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRecord(f"The element {name} of the Patient is not a list.")
    return value


def _object(value: object) -> Json:
    if not isinstance(value, Mapping):
        raise InvalidRecord("An element of the Patient is not an object.")
    return value
