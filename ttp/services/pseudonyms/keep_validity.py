"""Keep validity: a pseudonym whose time is over is not answered any more, and gives way where one is asked for.

Domains without any validity cost nothing: no statement is sent for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import InvalidField, TooManyItems, TTPError, UnknownPseudonym
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonym_states import PseudonymExpired
from ttp.core.pseudonyms import MAXIMAL_ITEMS, checked_pseudonym
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def due_among(
    center: Center, tx: Transaction, domain: Domain, pseudonyms: Iterable[Pseudonym]
) -> set[Pseudonym]:
    """Those whose time is over."""
    if not domain.expires:
        return set()
    now = center.clock.now()
    standing = tx.pseudonym_states.standing(domain, list(pseudonyms))
    return {token for token, found in standing.items() if found.is_expired(now)}


def limit_new(
    center: Center, tx: Transaction, domain: Domain, made: Collection[Pseudonym], leaf: LeafId
) -> None:
    """Give pseudonyms that were made just now the validity of their domain."""
    until = domain.valid_until(center.clock.now())
    if until is not None and made:
        tx.pseudonym_states.limit(domain, list(made), until=until, leaf=leaf)


def limit_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    pseudonyms: Collection[object],
    until: datetime | None,
) -> list[Pseudonym | TTPError]:
    """Store until when each of these pseudonyms is valid, or that it has no end; in the order asked.

    Raises:
        UnknownDomain, NotAllowed, DomainDraft, DomainFrozen, DomainRetired, TooManyItems: for the request as a whole.
        InvalidField: the time lies in the past.
    """
    domain = tx.domains.get_for_writing(domain_name)
    actor.require(Right.ADMINISTER, domain.name)
    domain.state.require_issuing()
    now = center.clock.now()
    if until is not None and until <= now:
        raise InvalidField("A pseudonym is valid until a time in the future.")
    if len(pseudonyms) > MAXIMAL_ITEMS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_ITEMS} items.")
    checked = [_checked(one, domain) for one in pseudonyms]
    given = sorted({item for item in checked if isinstance(item, str)})
    standing = tx.pseudonym_states.standing(domain, given)
    active = [token for token in given if token in standing and standing[token].is_active(now)]
    leaf = new_leaf_id(center)
    tx.pseudonym_states.limit(domain, active, until=until, leaf=leaf)
    if active and until is not None:
        tx.domains.set_expires(domain)
    facts = {"until": until.isoformat() if until else "none"}
    counts = {"limited": len(active)}
    act = Act(EventKind.PSEUDONYMS_LIMITED, domain=domain.name, counts=counts, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    gone = {token for token in given if token in standing and standing[token].is_expired(now)}
    return [_answer(item, set(active), gone) for item in checked]


def _checked(value: object, domain: Domain) -> Pseudonym | TTPError:
    try:
        return checked_pseudonym(value, domain)
    except TTPError as error:
        return error


def _answer(
    item: Pseudonym | TTPError, active: set[Pseudonym], gone: set[Pseudonym]
) -> Pseudonym | TTPError:
    if isinstance(item, TTPError) or item in active:
        return item
    return PseudonymExpired() if item in gone else UnknownPseudonym()
