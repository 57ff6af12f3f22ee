"""Import consents: a statement finds its identity by record ID or identifier; one unknown patient stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement, Provision
from ttp.core.errors import NotFound, TooManyItems, TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.names import IdentityId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.services.consents.record_consent import record_consent
from ttp.services.persons.find_identities import bearers_of, identities_of_records
from ttp.services.persons.open_population import open_population
from ttp.services.pseudonyms.issue_pseudonyms import refuse_if_atomic

MAXIMAL_STATEMENTS = 10_000


class UnknownPatient(NotFound):
    """No record with this ID or identifier was registered here; register the patient first."""

    code = "unknown-patient"


@dataclass(frozen=True, slots=True)
class BroughtStatement:
    """A statement as a source brings it: whose record, by the source's record ID or by an identifier, says what.

    ``stated_at`` is None where the source does not say when; then it is the time of the import.
    """

    patient: str | Identifier
    policy: str
    provision: Provision
    valid_from: datetime
    valid_to: datetime | None
    stated_at: datetime | None = None


Brought = BroughtStatement | TTPError
"""A statement, or why the item in this place could not be read."""
Found = Mapping[str | Identifier, Sequence[IdentityId]]


def import_consents(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    statements: Sequence[Brought],
    atomic: bool = False,
) -> list[ConsentStatement | TTPError]:
    """Record each statement with the identity it belongs to; errors stand in their place.

    A statement brought by identifier is recorded with every identity that bears the identifier.

    Raises:
        NotAllowed, TooManyItems, AtomicBatchRefused: for the request as a whole, and nothing is changed.
    """
    actor.require(Right.RECORD_CONSENT)
    if len(statements) > MAXIMAL_STATEMENTS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_STATEMENTS} statements.")
    open_population(center, tx, name=LOCAL)
    readable = [item for item in statements if isinstance(item, BroughtStatement)]
    found = _identities(center, tx, source, [item.patient for item in readable])
    made = [_made(center, item, found) for item in statements]
    stored = [one for group in made if isinstance(group, list) for one in group]
    record_consent(center, tx, actor, stored)
    answers = [group if isinstance(group, TTPError) else group[0] for group in made]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _identities(
    center: Center, tx: Transaction, source: str, patients: Sequence[str | Identifier]
) -> Found:
    records = [(source, one) for one in sorted({one for one in patients if isinstance(one, str)})]
    identifiers = sorted({one for one in patients if isinstance(one, Identifier)})
    known = identities_of_records(center, tx, population=LOCAL, records=records)
    bearing = bearers_of(center, tx, population=LOCAL, identifiers=identifiers)
    found: dict[str | Identifier, Sequence[IdentityId]] = {
        record: [identity] for (_, record), identity in known.items()
    }
    return found | {one: bearers for one, bearers in bearing.items() if bearers}


def _made(
    center: Center,
    item: Brought,
    found: Found,
) -> list[ConsentStatement] | TTPError:
    if isinstance(item, TTPError):
        return item
    if item.patient not in found:
        return UnknownPatient()
    try:
        return [
            ConsentStatement(
                identity,
                item.policy,
                item.provision,
                item.valid_from,
                item.valid_to,
                item.stated_at or center.clock.now(),
            )
            for identity in found[item.patient]
        ]
    except TTPError as error:
        return error
