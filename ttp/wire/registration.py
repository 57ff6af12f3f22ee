"""Registration: of a FHIR R4 Bundle only Patients and Consents are read; everything else is counted and dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ttp.core.errors import TooManyItems, TTPError
from ttp.core.hospital import RelationMessage
from ttp.core.identifying_data import (
    Identifier,
    IdentifyingData,
    InvalidRecord,
    RecordIncomplete,
)
from ttp.services.consents.import_consents import BroughtStatement
from ttp.wire.bundle import MAXIMAL_ENTRIES
from ttp.wire.consent import ConsentMalformed, StatedConsent, read_consent
from ttp.wire.parameters import ResourceInvalid
from ttp.wire.patient import read_patient
from ttp.wire.patient_links import is_replaced, read_links

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registration:
    """What a resource brings. ``ignored`` counts the other resources, of which nothing is kept.

    ``relations`` are the merges that Patients tell by their links. A Patient that tells nothing else is none of
    ``patients``.
    """

    patients: tuple[IdentifyingData | TTPError, ...]
    consents: tuple[tuple[BroughtStatement, ...] | TTPError, ...]
    ignored: int
    relations: tuple[RelationMessage | TTPError, ...] = ()


def read_registration(document: Json, *, today: date) -> Registration:
    """The Patients and Consents of a Bundle of any type, or a single Patient; bad ones are errors in place.

    Raises:
        ResourceInvalid: neither a Bundle nor a Patient, or a Bundle whose entries cannot be told.
        TooManyItems: more than 10,000 entries.
    """
    if document.get("resourceType") == "Patient":
        return _registration([document], [], {}, 0, today)
    entries = list(_entries(document))
    named = {url: resource for url, resource in entries if url}
    resources = [resource for _, resource in entries]
    patients = [one for one in resources if one.get("resourceType") == "Patient"]
    consents = [one for one in resources if one.get("resourceType") == "Consent"]
    ignored = len(resources) - len(patients) - len(consents)
    return _registration(patients, consents, named, ignored, today)


def _registration(
    patients: Sequence[Json],
    consents: Sequence[Json],
    named: Mapping[str, Json],
    ignored: int,
    today: date,
) -> Registration:
    return Registration(
        tuple(one for patient in patients if (one := _patient(patient, today)) is not None),
        tuple(_consent(one, named) for one in consents),
        ignored,
        tuple(link for patient in patients for link in read_links(patient, named)),
    )


def _entries(document: Json) -> Iterator[tuple[str | None, Json]]:
    entries = document.get("entry", [])
    if document.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise ResourceInvalid("A Patient or a Bundle is needed.")
    if len(entries) > MAXIMAL_ENTRIES:
        raise TooManyItems(f"A Bundle holds at most {MAXIMAL_ENTRIES} entries.")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(resource, dict):
            raise ResourceInvalid("An entry of the Bundle has no resource.")
        url = entry.get("fullUrl")
        yield (url if isinstance(url, str) else None), resource


def _patient(document: Json, today: date) -> IdentifyingData | TTPError | None:
    try:
        return read_patient(document, today=today)
    except RecordIncomplete as error:
        return None if is_replaced(document) else error
    except InvalidRecord as error:
        return error


def _consent(document: Json, named: Mapping[str, Json]) -> tuple[BroughtStatement, ...] | TTPError:
    try:
        stated = read_consent(document)
        patient = _whose(stated, named)
    except ConsentMalformed as error:
        return error
    return tuple(
        BroughtStatement(
            patient,
            one.policy,
            one.provision,
            one.valid_from,
            one.valid_to,
            stated.stated_at,
        )
        for one in stated.provisions
    )


def _whose(stated: StatedConsent, named: Mapping[str, Json]) -> str | Identifier:
    """The record ID or identifier of the patient; references inside the Bundle are followed."""
    if stated.identifier is not None:
        return Identifier(*stated.identifier)
    reference = stated.reference or ""
    record_id = named.get(reference, {}).get("id") or reference.rsplit("/", 1)[-1]
    if not isinstance(record_id, str) or not record_id:
        raise ConsentMalformed("The Consent names no patient.")
    return record_id
