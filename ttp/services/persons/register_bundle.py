"""Register a Bundle: patients first, then the consents that speak of them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement
from ttp.core.errors import TTPError
from ttp.core.hospital import RelationMessage, Taken
from ttp.core.identifying_data import IdentifyingData
from ttp.core.identities import Registered
from ttp.core.ports import Transaction
from ttp.services.consents.import_consents import BroughtStatement, import_consents
from ttp.services.hospital.hear_links import hear_links
from ttp.services.persons.register_identities import register_identities

Consent = tuple[BroughtStatement, ...] | TTPError
"""The statements of one Consent, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class RegisteredBundle:
    """The outcome for each patient and relation, and for each Consent how many of its statements were recorded."""

    patients: tuple[Registered | TTPError, ...]
    consents: tuple[int | TTPError, ...]
    relations: tuple[Taken | TTPError, ...] = ()


def register_bundle(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    patients: Sequence[IdentifyingData | TTPError],
    consents: Sequence[Consent],
    relations: Sequence[RelationMessage | TTPError] = (),
) -> RegisteredBundle:
    """Register the patients, relate them, then record the consents; a bad one is an error in its place.

    A merge that a patient's link told ends when the patient comes again without it.

    Raises:
        NotAllowed, WrongRole, InvalidField, TooManyItems: for the request as a whole, and nothing is changed.
    """
    done = register_identities(center, tx, actor, source=source, records=patients)
    related = hear_links(center, tx, actor, source=source, registered=done, relations=relations)
    recorded = _record(center, tx, actor, source, consents) if consents else ()
    return RegisteredBundle(tuple(done), tuple(recorded), tuple(related))


def _record(
    center: Center, tx: Transaction, actor: Actor, source: str, consents: Sequence[Consent]
) -> Iterator[int | TTPError]:
    statements = [one for group in consents if isinstance(group, tuple) for one in group]
    answers = iter(import_consents(center, tx, actor, source=source, statements=statements))
    for group in consents:
        if isinstance(group, TTPError):
            yield group
        else:
            yield _outcome([next(answers) for _ in group])


def _outcome(answers: Sequence[ConsentStatement | TTPError]) -> int | TTPError:
    errors = [one for one in answers if isinstance(one, TTPError)]
    return errors[0] if errors else len(answers)
