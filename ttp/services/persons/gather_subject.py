"""Gather what is held about a subject: records, pseudonyms, consents, decisions. Rights are checked by the caller.

Domains do not say which system their originals come from. So a pseudonym is reported for every value of the person
that is an original there; where two systems number alike it may be another person's, and the document says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement
from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import Domain
from ttp.core.errors import KeysDestroyed
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identity_life import by_preference, pins_of
from ttp.core.names import IdentityId, Original, Pseudonym
from ttp.core.persons import LOCAL, Identity
from ttp.core.ports import Transaction
from ttp.core.subject_report import (
    Held,
    HeldDecision,
    HeldIdentity,
    HeldPseudonyms,
    HeldVersion,
)
from ttp.services.persons.seal_identities import open_history
from ttp.services.pseudonyms.link_originals import current_indexes


def gather_subject(
    center: Center, tx: Transaction, actor: Actor, members: Sequence[Identity]
) -> Held:
    """Everything stored about the person of these identities."""
    ids = [one.id for one in members]
    return Held(
        identities=_identities(center, tx, members),
        pseudonyms=_pseudonyms(center, tx, actor, known_values(center, tx, members)),
        consents=_consents(tx, members),
        decisions=_decisions(tx, ids),
    )


def known_values(center: Center, tx: Transaction, members: Sequence[Identity]) -> dict[str, str]:
    """What may be an original of the person, with what it is: a system, a source, or "" for the person itself."""
    found: dict[str, str] = {}
    for one in members:
        for version in _versions(center, tx, one.id):
            found |= {each.value: each.system for each in version.data.identifiers}
            if version.data.record_id:
                found[version.data.record_id] = one.source
    return found | {str(one.id): "" for one in members}


def _versions(center: Center, tx: Transaction, identity: IdentityId) -> list[HeldVersion]:
    history = tx.identities.history(identity)
    envelopes = {number: envelope for number, _, envelope in history}
    opened = open_history(center, LOCAL, identity, envelopes)
    return [HeldVersion(number, at, _data(opened[number])) for number, at, _ in history]


def _data(content: bytes) -> IdentifyingData:
    return from_content(content)


def _identities(center: Center, tx: Transaction, members: Sequence[Identity]) -> list[HeldIdentity]:
    rows = list(tx.identities.versions([one.id for one in members]).values())
    ordered = by_preference(rows, pins_of(members), tx.identity_life.sources(LOCAL))
    changes = tx.identity_life.changes([row.id for row in rows])
    return [
        HeldIdentity(
            row.source,
            row.state,
            row.created_at,
            _versions(center, tx, row.id),
            [one for one in changes if one.identity == row.id],
        )
        for row in ordered
    ]


def _consents(tx: Transaction, members: Sequence[Identity]) -> list[ConsentStatement]:
    found = tx.consents.of(sorted({one.person for one in members}))
    return [one for statements in found.values() for one in statements]


def _decisions(tx: Transaction, identities: Sequence[IdentityId]) -> list[HeldDecision]:
    known = tx.identity_life.decisions_about(identities)
    cases = [one.id for one in tx.review.touching(identities)]
    made = {one.id: one for one in tx.review.standing_decisions(identities)}
    made |= {one.id: one for one in tx.review.decisions(cases) if one.id in set(known)}
    return [
        HeldDecision(one.verdict.value, one.by, one.at, one.undone.at if one.undone else None)
        for one in sorted(made.values(), key=lambda one: (one.at, one.id))
    ]


def _pseudonyms(
    center: Center, tx: Transaction, actor: Actor, values: Mapping[str, str]
) -> list[HeldPseudonyms]:
    found = []
    for domain in tx.domains.all():
        if domain.state is LifeCycle.DRAFT:
            continue
        shown = actor.may(Right.LOOKUP) and (actor.domains is None or domain.name in actor.domains)
        for value, tokens in _of_domain(center, tx, domain, list(values)).items():
            told = tx.events.recipients(domain.name, tokens)
            names = sorted({name for some in told.values() for name in some})
            found.append(
                HeldPseudonyms(
                    domain.name,
                    domain.project,
                    values[value],
                    len(tokens),
                    tuple(tokens) if shown else None,
                    names,
                )
            )
    return found


def _of_domain(
    center: Center, tx: Transaction, domain: Domain, values: Sequence[str]
) -> dict[str, list[Pseudonym]]:
    """The pseudonyms of each value that is an original of the domain; none where its keys are gone for good."""
    try:
        indexes = current_indexes(center, domain, [Original(one) for one in values])
    except KeysDestroyed:
        return {}
    named = dict(zip(indexes, values, strict=True))
    if not domain.multi:
        single = tx.pseudonyms.find(domain, indexes)
        return {named[index]: [token] for index, token in single.items()}
    originals = tx.pseudonyms.find_originals(domain, indexes)
    tokens = tx.pseudonyms.secondaries(domain, list(originals.values()))
    return {named[index]: tokens[row] for index, row in originals.items() if tokens.get(row)}
