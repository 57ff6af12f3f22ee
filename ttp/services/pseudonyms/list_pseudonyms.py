"""List pseudonyms: the strings of a domain page by page, never with originals; the way on is sealed.

A page is asked for in a URL, so what says where it begins must not be a pseudonym that can be read there.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import KeysError
from keys.keyring import Purpose
from keys.seal import binding, key_version_of, open_envelope, seal
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.pseudonym_pages import DEFAULT_PAGE, MAXIMAL_PAGE, ListedPseudonym
from ttp.services.log.record_leaf import Act, record_leaf


@dataclass(frozen=True, slots=True)
class PseudonymPage:
    """Some pseudonyms of a domain. ``next``: where the following page begins, or "". ``total``: only if asked."""

    pseudonyms: Sequence[ListedPseudonym]
    next: str
    total: int | None


def list_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain_name: str,
    size: int = 0,
    page: str = "",
    with_total: bool = False,
) -> PseudonymPage:
    """The pseudonyms in use, in their order, at most ``size`` (0: 25, at most 1,000) from ``page`` on.

    Raises:
        UnknownDomain, NotAllowed: for the domain. DomainDraft, DomainRetired: nothing is read in it.
        InvalidField: the size is negative, or the page is none that an earlier answer named.
    """
    domain = tx.domains.get(domain_name)
    actor.require(Right.LOOKUP, domain.name)
    domain.state.require_reading()
    if size < 0:
        raise InvalidField("The size of a page is not negative.")
    wanted = min(size or DEFAULT_PAGE, MAXIMAL_PAGE)
    found = tx.pseudonym_pages.after(domain, _opened(center, domain, page), limit=wanted + 1)
    told = found[:wanted]
    total = tx.pseudonym_pages.count(domain) if with_total else None
    act = Act(EventKind.PSEUDONYMS_LISTED, domain=domain.name, counts={"answered": len(told)})
    record_leaf(center, tx, actor, act)
    last = told[-1].pseudonym if len(found) > wanted else ""
    return PseudonymPage(told, _sealed(center, domain, last) if last else "", total)


def _sealed(center: Center, domain: Domain, last: str) -> str:
    center.keyring.ensure(Purpose.SESSION)
    key = center.keyring.active(Purpose.SESSION)
    envelope = seal(key.secret, last.encode(), key_version=key.version, bound_to=_bound(domain))
    return urlsafe_b64encode(envelope).decode()


def _opened(center: Center, domain: Domain, page: str) -> str:
    if not page:
        return ""
    try:
        envelope = urlsafe_b64decode(page.encode())
        key = center.keyring.at(Purpose.SESSION, "", key_version_of(envelope))
        return open_envelope(key.secret, envelope, bound_to=_bound(domain)).decode()
    except (ValueError, KeysError) as error:
        raise InvalidField("The page is one that an earlier answer named.") from error


def _bound(domain: Domain) -> bytes:
    return binding("page", "after", domain.name, b"")
