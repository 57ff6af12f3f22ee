"""Other masters: persons as E-PIX and Mainzelliste give them out, with every ID they had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ttp.core.errors import TTPError
from ttp.core.identifying_data import InvalidRecord
from ttp.services.persons.import_persons import BroughtPerson
from ttp.wire.patient import read_patient

EPIX_MPI = "https://ths-greifswald.de/fhir/epix/identifier/MPI"
EPIX_BLOOM_FILTER = "https://ths-greifswald.de/fhir/sid/epix/bloomfilter"
_PREFERRED = "level4"  # the assurance of a Person's link to its reference identity

_MAINZELLISTE = {
    "vorname": "given_name",
    "nachname": "surname",
    "geburtsname": "birth_name",
    "plz": "postcode",
    "ort": "city",
    "geschlecht": "sex",
}
_BORN = ("geburtsjahr", "geburtsmonat", "geburtstag")

Json = Mapping[str, Any]


def read_epix(resources: Iterable[object], *, today: date) -> Iterator[BroughtPerson]:
    """The persons among FHIR Persons and the Patients they link (``GET /Person?…&_include=Person:link``).

    Each Patient is a record that bears its own identifiers and the MPI ID of its Person; the reference identity
    comes first. Bloom filters are not read. A Person without Patients is an error.
    """
    persons: list[Json] = []
    patients: dict[str, Json] = {}
    for one in resources:
        if isinstance(one, Mapping) and one.get("resourceType") == "Person":
            persons.append(one)
        elif isinstance(one, Mapping) and one.get("resourceType") == "Patient":
            patients[str(one.get("id"))] = one
    for person in persons:
        linked = [patients.get(name) for name in _linked(person)]
        numbers = [one for one in _objects(person, "identifier") if one.get("system") == EPIX_MPI]
        found = tuple(_epix_record(one, numbers, today) for one in linked if one is not None)
        missing = () if found else (InvalidRecord("A Person comes without its Patients."),)
        yield BroughtPerson(found or missing)


def read_mainzelliste(
    patients: Iterable[object], *, naming: str, systems: Mapping[str, str]
) -> Iterator[BroughtPerson]:
    """Patients as ``GET /patients`` answers: fields, and IDs by type; each is a person with one record.

    The ID of the type ``naming`` names the record. An ID's system is that of ``systems``, else
    ``urn:mainzelliste:`` and its type.
    """
    for one in patients:
        try:
            yield BroughtPerson((_mainzelliste_record(one, naming, systems),))
        except InvalidRecord as error:
            yield BroughtPerson((error,))


def _epix_record(patient: Json, numbers: Sequence[Json], today: date) -> Json | TTPError:
    own = [one for one in _objects(patient, "identifier") if one.get("system") != EPIX_BLOOM_FILTER]
    whole = {**patient, "identifier": [*own, *numbers]}
    try:
        data = read_patient(whole, today=today)
    except InvalidRecord as error:
        return error
    borne = [{"system": one.system, "value": one.value} for one in data.identifiers]
    return {"record_id": data.record_id, **data.fields, "identifiers": borne}


def _linked(person: Json) -> list[str]:
    links = [
        (link.get("assurance") != _PREFERRED, str(target.get("reference", "")).rpartition("/")[2])
        for link in _objects(person, "link")
        if isinstance(target := link.get("target"), Mapping)
    ]
    return [name for _, name in sorted(links, key=lambda one: one[0])]


def _mainzelliste_record(patient: object, naming: str, systems: Mapping[str, str]) -> Json:
    if not isinstance(patient, Mapping) or not isinstance(patient.get("fields"), Mapping):
        raise InvalidRecord("A patient of Mainzelliste has fields and ids.")
    fields: Json = patient["fields"]
    ids = {
        str(one.get("idType")): str(one["idString"])
        for one in _objects(patient, "ids")
        if one.get("idString")
    }
    if naming not in ids:
        raise InvalidRecord(f"A patient has no ID of the type {naming}.")
    borne = [
        {"system": systems.get(kind, f"urn:mainzelliste:{kind}"), "value": value}
        for kind, value in ids.items()
    ]
    record: dict[str, Any] = {"record_id": ids[naming], "identifiers": borne}
    record |= {own: fields[their] for their, own in _MAINZELLISTE.items() if fields.get(their)}
    born = [str(fields.get(name) or "") for name in _BORN]
    if all(part.isdigit() for part in born):
        record["birth_date"] = f"{born[0]:0>4}-{born[1]:0>2}-{born[2]:0>2}"
    return record


def _objects(parent: Json, name: str) -> list[Json]:
    found = parent.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
