"""Resolve persons: pseudonyms of a domain of persons back to what sources call their records, under a standing grant.

It is the routine resolve of one's own domain: grant, daily budget, reason and leaf are the same. It tells record IDs
and nothing else; names, birth dates and identifiers need a re-identification, and the center's own IDs never leave it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import TooManyItems, TTPError, UnknownPseudonym
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import from_content
from ttp.core.names import IdentityId, Pseudonym
from ttp.core.person_names import MOST_PERSONS, RecordName
from ttp.core.persons import LOCAL, IdentityKind
from ttp.core.ports import Transaction
from ttp.core.pseudonym_states import PseudonymExpired
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.seal_identities import open_contents
from ttp.services.pseudonyms.find_anchors import named_identity
from ttp.services.pseudonyms.issue_person_pseudonyms import person_domain
from ttp.services.pseudonyms.issue_pseudonyms import refuse_if_atomic
from ttp.services.pseudonyms.keep_validity import due_among
from ttp.services.pseudonyms.resolve_pseudonyms import (
    check_pseudonyms,
    open_pseudonyms,
    spend_grant,
)

Records = tuple[RecordName, ...]
Answers = list[Records | TTPError]


def resolve_persons(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    pseudonyms: Sequence[object],
    reason: str | None,
    atomic: bool = False,
) -> Answers:
    """The records of the person of each pseudonym as it stands now, by age, in the order asked.

    Records that their source gave no ID are not among them. Without a ``reason`` the grant's purpose is the reason.

    Raises:
        UnknownDomain, NotAllowed, WrongRole, WrongDomainKind, NoGrant, ReasonMissing, BudgetExceeded, TooManyItems:
            for the whole request.
        DomainDraft, DomainRetired: nothing is read in it.
        AtomicBatchRefused: the batch is atomic and holds items that cannot be answered.
    """
    domain = person_domain(center, tx, actor, Right.RESOLVE, name=domain_name)
    domain.state.require_reading()
    if len(pseudonyms) > MOST_PERSONS:
        raise TooManyItems(f"A request names at most {MOST_PERSONS} persons.")
    checked = check_pseudonyms(pseudonyms, domain)
    valid = list({item: None for item in checked if isinstance(item, str)})
    over = due_among(center, tx, domain, valid)
    anchors = _anchors(center, tx, domain, [one for one in valid if one not in over])
    found = _records(center, tx, anchors)
    grant, purpose = spend_grant(center, tx, actor, domain, amount=len(valid), reason=reason)
    act = Act(
        EventKind.PSEUDONYMS_RESOLVED,
        domain=domain.name,
        purpose=purpose,
        approval=str(grant.id) if grant else None,
        counts={"answered": len(found)},
        subjects=tuple({str(anchors[one]).encode() for one in found}),
    )
    record_leaf(center, tx, actor, act)
    answers: Answers = [
        item if isinstance(item, TTPError) else found.get(item, _absent(item, over))
        for item in checked
    ]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def _anchors(
    center: Center, tx: Transaction, domain: Domain, pseudonyms: Sequence[Pseudonym]
) -> dict[Pseudonym, IdentityId]:
    """The record on which each pseudonym hangs."""
    opened = open_pseudonyms(center, tx, domain, pseudonyms)
    return {
        token: identity
        for token, (original, *_) in opened.items()
        if (identity := named_identity(original))
    }


def _records(
    center: Center, tx: Transaction, anchors: Mapping[Pseudonym, IdentityId]
) -> dict[Pseudonym, Records]:
    """What the records of each person are called."""
    known = tx.identities.get(sorted(set(anchors.values())))
    persons = {token: known[one].person for token, one in anchors.items() if one in known}
    members = tx.identities.members(sorted(set(persons.values())))
    names = _names(center, tx, [one.id for one in members])
    by_person: dict[object, list[RecordName]] = {}
    for one in sorted(members, key=lambda member: member.ordinal):
        if one.id in names:
            by_person.setdefault(one.person, []).append(names[one.id])
    return {token: tuple(by_person.get(person, ())) for token, person in persons.items()}


def _names(
    center: Center, tx: Transaction, identities: Sequence[IdentityId]
) -> dict[IdentityId, RecordName]:
    rows = [
        row
        for row in tx.identities.versions(identities).values()
        if row.kind is IdentityKind.CLEAR and row.envelope
    ]
    contents = open_contents(center, LOCAL, rows)
    ids = {
        row.id: from_content(content).record_id for row, content in zip(rows, contents, strict=True)
    }
    return {row.id: RecordName(row.source, name) for row in rows if (name := ids[row.id])}


def _absent(pseudonym: Pseudonym, over: set[Pseudonym]) -> TTPError:
    return PseudonymExpired() if pseudonym in over else UnknownPseudonym()
