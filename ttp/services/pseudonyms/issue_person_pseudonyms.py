"""Issue person pseudonyms: by what sources and other systems call persons, each person's one pseudonym of a domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import TooManyItems, TTPError, UnknownPopulation, WrongDomainKind
from ttp.core.federation import require_local
from ttp.core.names import IdentityId, Pseudonym
from ttp.core.person_names import (
    MOST_PERSONS,
    PersonName,
    RecordName,
    SeveralPersons,
    UnknownRecord,
    checked_person_name,
    in_identifiers,
    in_records,
)
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.services.persons.find_identities import bearers_of, identities_of_records
from ttp.services.pseudonyms.assign_pseudonyms import Assigned, assign_pseudonyms, note_given
from ttp.services.pseudonyms.find_anchors import holds_local_persons
from ttp.services.pseudonyms.issue_pseudonyms import Answers, refuse_if_atomic

Bearers = Mapping[PersonName, Sequence[IdentityId]]


def issue_person_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    persons: Sequence[object],
    create: bool = True,
    atomic: bool = False,
) -> Answers:
    """The pseudonym of the person behind each name, in the order asked; where there is none, drawn if ``create``.

    A name is an object of ``source`` and ``record_id``, or of ``system`` and ``value``. Two names of one person have
    one answer. Who asked hears by an event when another pseudonym takes its place.

    Raises:
        UnknownDomain, NotAllowed, WrongRole, WrongDomainKind, TooManyItems: for the request as a whole.
        DomainDraft, DomainFrozen, DomainRetired: nothing is issued, or read, in it.
        AtomicBatchRefused: the batch is atomic and holds names that cannot be answered.
    """
    domain = person_domain(
        center, tx, actor, Right.ISSUE if create else Right.LOOKUP, name=domain_name
    )
    domain.state.require_issuing() if create else domain.state.require_reading()
    if len(persons) > MOST_PERSONS:
        raise TooManyItems(f"A request names at most {MOST_PERSONS} persons.")
    checked = [_checked(one) for one in persons]
    bearers = _bearers(center, tx, [one for one in checked if not isinstance(one, TTPError)])
    clear = _of_one_person(tx, bearers)
    anchors = [own[0] for own in clear.values()]
    done = assign_pseudonyms(center, tx, actor, domain, anchors, create=create)

    def answered(name: PersonName) -> Issued | TTPError:
        if name not in clear:
            return SeveralPersons() if bearers.get(name) else UnknownRecord()
        return done.answer(clear[name][0], create=create)

    answers = [one if isinstance(one, TTPError) else answered(one) for one in checked]
    refuse_if_atomic(answers, atomic=atomic)
    note_given(tx, actor, domain, _given(done, clear))
    return answers


def person_domain(
    center: Center, tx: Transaction, actor: Actor, right: Right, *, name: str
) -> Domain:
    """The domain, if the actor has the right in it and its originals are persons of this center.

    Raises:
        UnknownDomain, NotAllowed, WrongRole: there is none here, or not for the actor.
        WrongDomainKind: its originals are others.
    """
    domain = tx.domains.get(name)
    actor.require(right, domain.name)
    require_local(center)
    if not holds_local_persons(domain):
        raise WrongDomainKind("The originals of this domain are not persons of this center.")
    return domain


def _bearers(center: Center, tx: Transaction, names: Sequence[PersonName]) -> Bearers:
    """The records that each name means, by age; none of a name means nobody."""
    try:
        by_record = identities_of_records(center, tx, population=LOCAL, records=in_records(names))
        by_identifier = bearers_of(center, tx, population=LOCAL, identifiers=in_identifiers(names))
    except UnknownPopulation:
        return {}
    found: dict[PersonName, Sequence[IdentityId]] = {
        RecordName(*record): [identity] for record, identity in by_record.items()
    }
    return found | {name: sorted(own) for name, own in by_identifier.items()}


def _of_one_person(tx: Transaction, bearers: Bearers) -> Bearers:
    """Of the names those whose records all are of the same person."""
    found = tx.identities.get(sorted({one for own in bearers.values() for one in own}))
    return {
        name: own
        for name, own in bearers.items()
        if len({found[one].person for one in own if one in found}) == 1
    }


def _given(done: Assigned, clear: Bearers) -> Sequence[tuple[IdentityId, Pseudonym]]:
    """What was told about whom: every record that a name means, once."""
    told = ((done.pseudonyms.get(own[0]), own) for own in clear.values())
    return list({(record, token): None for token, own in told if token for record in own})


def _checked(value: object) -> PersonName | TTPError:
    try:
        return checked_person_name(value)
    except TTPError as error:
        return error
