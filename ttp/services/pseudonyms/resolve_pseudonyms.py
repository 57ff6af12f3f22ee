"""Resolve pseudonyms: back to their originals, under a standing grant with a budget, always audited, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ttp.core.access import Actor, ActorKind, Right
from ttp.core.accounts import Grant
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import (
    BudgetExceeded,
    InvalidField,
    NoGrant,
    ReasonMissing,
    TooManyItems,
    TTPError,
    UnknownPseudonym,
)
from ttp.core.event_kinds import EventKind
from ttp.core.names import Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonym_states import PseudonymExpired
from ttp.core.pseudonyms import MAXIMAL_ITEMS, are_plainly_fitting, checked_pseudonym
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.find_anchors import require_tellable
from ttp.services.pseudonyms.issue_pseudonyms import refuse_if_atomic
from ttp.services.pseudonyms.keep_validity import due_among
from ttp.services.pseudonyms.link_originals import MULTI, SINGLE, open_originals

Answers = list[tuple[Original, ...] | TTPError]

MAXIMAL_REASON = 500


def resolve_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    pseudonyms: Sequence[object],
    reason: str | None,
    atomic: bool = False,
) -> Answers:
    """The originals of each pseudonym, in the order asked. Without a ``reason`` the grant's purpose is the reason.

    Raises:
        UnknownDomain, NotAllowed, NoGrant, ReasonMissing, BudgetExceeded, TooManyItems: for the whole request.
        WrongDomainKind: its originals are persons; see ``resolve_persons``.
        DomainDraft, DomainRetired: nothing is read in it.
        AtomicBatchRefused: the batch is atomic and holds items that cannot be answered.
    """
    domain = tx.domains.get(domain_name)
    actor.require(Right.RESOLVE, domain.name)
    domain.state.require_reading()
    require_tellable(domain)
    if len(pseudonyms) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    checked = check_pseudonyms(pseudonyms, domain)
    valid = list({item: None for item in checked if isinstance(item, str)})
    grants = _standing_grants(center, tx, actor, domain)
    over = due_among(center, tx, domain, valid)
    found = open_pseudonyms(center, tx, domain, [one for one in valid if one not in over])
    # The budget is one row, and who takes from it holds it until the end: it is taken last, before anything is told.
    grant = _spend(center, tx, actor, grants, amount=len(valid))
    purpose = _reason(reason, grant)
    _record(center, tx, actor, domain, found, purpose, grant)
    answers: Answers = [
        item if isinstance(item, TTPError) else found.get(item) or _absent(item, over)
        for item in checked
    ]
    refuse_if_atomic(answers, atomic=atomic)
    return answers


def check_pseudonyms(values: Sequence[object], domain: Domain) -> list[Pseudonym | TTPError]:
    """Each pseudonym that the domain can hold, or the error in its place."""
    if are_plainly_fitting(values, domain):
        return cast("list[Pseudonym | TTPError]", list(values))
    return [_checked(value, domain) for value in values]


def spend_grant(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    *,
    amount: int,
    reason: str | None,
) -> tuple[Grant | None, str]:
    """The grant under which so many pseudonyms may be resolved, its budget taken, and the reason for the log.

    Raises:
        NoGrant, BudgetExceeded, ReasonMissing, InvalidField: nothing may be told.
    """
    grants = _standing_grants(center, tx, actor, domain)
    grant = _spend(center, tx, actor, grants, amount=amount)
    return grant, _reason(reason, grant)


def _checked(value: object, domain: Domain) -> Pseudonym | TTPError:
    try:
        return checked_pseudonym(value, domain)
    except TTPError as error:
        return error


def _absent(pseudonym: Pseudonym, over: set[Pseudonym]) -> TTPError:
    return PseudonymExpired() if pseudonym in over else UnknownPseudonym()


def _standing_grants(
    center: Center, tx: Transaction, actor: Actor, domain: Domain
) -> Sequence[Grant]:
    if actor.kind is ActorKind.OPERATOR:
        return ()
    now = center.clock.now()
    grants = tx.clients.grants(actor.id, domain.id, at=now) if actor.id else ()
    if not grants:
        raise NoGrant
    return grants


def _spend(
    center: Center, tx: Transaction, actor: Actor, grants: Sequence[Grant], *, amount: int
) -> Grant | None:
    if actor.kind is ActorKind.OPERATOR:
        return None
    day = center.clock.now().date().isoformat()
    for grant in grants:
        if tx.clients.spend(grant, day=day, amount=amount):
            return grant
    raise BudgetExceeded


def _reason(reason: str | None, grant: Grant | None) -> str:
    if reason is not None and len(reason) > MAXIMAL_REASON:
        raise InvalidField(f"A reason has at most {MAXIMAL_REASON} characters.")
    if reason and reason.strip():
        return reason.strip()
    if grant is None:
        raise ReasonMissing
    return grant.purpose


def open_pseudonyms(
    center: Center, tx: Transaction, domain: Domain, pseudonyms: Sequence[Pseudonym]
) -> dict[Pseudonym, tuple[Original, ...]]:
    """The originals of those pseudonyms that have one. The caller has checked that they may be told.

    Raises:
        KeysDestroyed: nothing can be opened in this domain any more.
    """
    if not domain.multi:
        rows = {
            token.encode(): envelope
            for token, envelope in tx.pseudonyms.envelopes(domain, pseudonyms).items()
        }
        opened = open_originals(center, domain, SINGLE, rows)
        return {Pseudonym(row.decode()): (original,) for row, original in opened.items()}
    hanging = tx.pseudonyms.original_envelopes(domain, pseudonyms)
    opened = open_originals(
        center, domain, MULTI, {row.bytes: envelope for row, envelope in hanging.values()}
    )
    return {token: (opened[row.bytes],) for token, (row, _) in hanging.items()}


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    found: dict[Pseudonym, tuple[Original, ...]],
    purpose: str,
    grant: Grant | None,
) -> None:
    act = Act(
        EventKind.PSEUDONYMS_RESOLVED,
        domain=domain.name,
        purpose=purpose,
        approval=str(grant.id) if grant else None,
        counts={"answered": len(found)},
        subjects=tuple(
            {original.encode() for originals in found.values() for original in originals}
        ),
    )
    record_leaf(center, tx, actor, act)
