"""Map transport: per patient, what stands behind a site's transport IDs waits sealed for a receiver, dates shifted.

The site makes the transport IDs. Behind those of resources stands the SHA-256 of the patient's salt and the name,
behind that of the patient's own identifier the pseudonym, by which people can be asked again; behind those of dates
the date, shifted as all dates of the patient are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from keys.digests import sha256
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.date_shifts import shifted_date
from ttp.core.errors import AtomicBatchRefused, NotFound, TTPError
from ttp.core.ports import Transaction
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.transport.derive_project_values import Shifting, derive_date_shifts, derive_salts
from ttp.services.transport.exchange_transfer import exchange_transfer
from ttp.services.transport.hand_in_transfer import Item, hand_in_transfer
from ttp.services.transport.project_key import transport_project

T = TypeVar("T")

DATE = "ds:"
"""Begins the transport IDs of dates, which share a transfer with those of resources."""


@dataclass(frozen=True, slots=True)
class PatientMapping:
    """What a site replaced in one patient's resources.

    names: the transport ID of each name (``PATIENT.TYPE:ID``, ``PATIENT.identifier.SYSTEM:VALUE``); dates: the date
    behind each transport ID. ``salts``: the domain that keeps another agent's salts as pseudonyms, for migration.
    """

    patient: str
    system: str
    names: Mapping[str, str]
    dates: Mapping[str, str]
    pseudonyms: str
    shifting: Shifting
    salts: str | None = None


@dataclass(frozen=True, slots=True)
class MappedTransport:
    """What a receiver gets: identifiers and shifted dates, by transport ID."""

    identifiers: dict[str, str]
    dates: dict[str, str]


def existing_domain(tx: Transaction, name: str) -> str | None:
    """The name, if there is a domain of this name or alias."""
    try:
        return tx.domains.get(name).name
    except NotFound:
        return None


def hand_in_mappings(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    receiver: str,
    mappings: Sequence[PatientMapping],
) -> list[str]:
    """Seal each mapping as a transfer; answer with the transfers' IDs in their order, all or nothing.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, TooManyItems, InvalidField, UnknownDomain, UnknownReceiver.
        AtomicBatchRefused: a patient or a transport ID is none; the place of every such mapping is named.
    """
    transport_project(center, tx, actor, project_name)
    limit_batch(tx, sum(len(one.names) + len(one.dates) for one in mappings), atomic=True)
    pseudonyms = _pseudonyms(center, tx, actor, mappings)
    salts = _salts(center, tx, actor, project_name, mappings, pseudonyms)
    shifts = _shifts(center, tx, actor, project_name, mappings)
    behind = [
        (
            pseudonyms[one.pseudonyms, one.patient],
            salts[one.salts, one.patient],
            shifts[one.shifting, one.patient],
        )
        for one in mappings
    ]
    _refuse_flawed([_flaw(parts) for parts in behind])
    carried = [
        list(_items(one, _sound(pseudonym), _sound(salt), _sound(shift)))
        for one, (pseudonym, salt, shift) in zip(mappings, behind, strict=True)
    ]
    return _handed_in(center, tx, actor, project_name, receiver, carried)


def exchange_mapping(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, transfer: str
) -> MappedTransport:
    """What stands behind the transport IDs of a mapping, once.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, UnknownTransfer, TransferExpired, TransferExchanged.
    """
    found = exchange_transfer(center, tx, actor, project_name=project_name, transfer=transfer)
    dates = {name.removeprefix(DATE): value for name, value in found.items() if _is_date(name)}
    return MappedTransport({name: found[name] for name in found if not _is_date(name)}, dates)


def _is_date(name: str) -> bool:
    return name.startswith(DATE)


def _items(one: PatientMapping, pseudonym: str, salt: str, shift: int) -> Iterator[Item]:
    own = f"{one.patient}.identifier.{one.system}:{one.patient}"
    for name, transport_id in one.names.items():
        value = pseudonym if name == own else sha256((salt + name).encode()).hex()
        yield Item(value, transport_id=transport_id)
    for transport_id, date in one.dates.items():
        yield Item(shifted_date(date, shift), transport_id=DATE + transport_id)


def _pseudonyms(
    center: Center, tx: Transaction, actor: Actor, mappings: Sequence[PatientMapping]
) -> dict[tuple[str, str], str | TTPError]:
    """The pseudonyms of patients, and of what salts are kept under, by domain and original, or why there is none."""
    wanted: dict[str, dict[str, None]] = {}
    for one in mappings:
        wanted.setdefault(one.pseudonyms, {})[one.patient] = None
        if one.salts is not None:
            wanted.setdefault(one.salts, {})[_kept_salt(one.patient)] = None
    found: dict[tuple[str, str], str | TTPError] = {}
    for domain, originals in sorted(wanted.items()):
        names = list(originals)
        issued = issue_pseudonyms(center, tx, actor, domain_name=domain, originals=names)
        for name, told in zip(names, issued, strict=True):
            found[domain, name] = told if isinstance(told, TTPError) else told.pseudonym
    return found


def _salts(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project_name: str,
    mappings: Sequence[PatientMapping],
    pseudonyms: Mapping[tuple[str, str], str | TTPError],
) -> dict[tuple[str | None, str], str | TTPError]:
    derived = list(dict.fromkeys(one.patient for one in mappings if one.salts is None))
    found = derive_salts(center, tx, actor, project_name=project_name, originals=derived)
    salts: dict[tuple[str | None, str], str | TTPError] = {
        (None, patient): salt if isinstance(salt, TTPError) else salt.hex()
        for patient, salt in zip(derived, found, strict=True)
    }
    kept = [(one.salts, one.patient) for one in mappings if one.salts is not None]
    return salts | {
        (domain, patient): pseudonyms[domain, _kept_salt(patient)] for domain, patient in kept
    }


def _shifts(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project_name: str,
    mappings: Sequence[PatientMapping],
) -> dict[tuple[Shifting, str], int | TTPError]:
    found: dict[tuple[Shifting, str], int | TTPError] = {}
    for shifting in dict.fromkeys(one.shifting for one in mappings):
        patients = list(dict.fromkeys(one.patient for one in mappings if one.shifting == shifting))
        shifts = derive_date_shifts(
            center, tx, actor, project_name=project_name, originals=patients, shifting=shifting
        )
        for patient, shift in zip(patients, shifts, strict=True):
            found[shifting, patient] = shift
    return found


def _kept_salt(patient: str) -> str:
    """The original under which FTSnext's trust center agent keeps a patient's salt."""
    return f"Salt_{patient}"


def _sound(answer: T | TTPError) -> T:
    """What was asked for; mappings without it were refused before."""
    if isinstance(answer, TTPError):
        raise answer
    return answer


def _refuse_flawed(codes: Sequence[str | None]) -> None:
    """Pass if no mapping has a flaw; else name each that has one by its place."""
    errors = [{"position": place, "code": code} for place, code in enumerate(codes) if code]
    if errors:
        raise AtomicBatchRefused(errors=errors)


def _flaw(parts: Sequence[object]) -> str | None:
    """The code of the first part that is an error."""
    return next((one.code for one in parts if isinstance(one, TTPError)), None)


def _handed_in(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project_name: str,
    receiver: str,
    carried: Sequence[Sequence[Item]],
) -> list[str]:
    """The transfer of each mapping; what is refused of an item is said of its mapping."""
    made: list[str] = []
    codes: list[str | None] = []
    for items in carried:
        try:
            handed = hand_in_transfer(
                center, tx, actor, project_name=project_name, receiver=receiver, items=items
            )
        except AtomicBatchRefused as refused:
            codes.append(cast("Sequence[Mapping[str, str]]", refused.facts["errors"])[0]["code"])
        else:
            made.append(handed.transfer)
            codes.append(None)
    _refuse_flawed(codes)
    return made
