"""Create a domain: its form is fixed for good, its keys are made with it."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domains import Domain, NewDomain
from ttp.core.errors import InvalidName
from ttp.core.event_kinds import EventKind
from ttp.core.names import slug
from ttp.core.ports import Transaction
from ttp.services.link_originals import ensure_domain_keys
from ttp.services.record_leaf import Act, record_leaf


def create_domain(center: Center, tx: Transaction, actor: Actor, new: NewDomain) -> Domain:
    """Make the domain and its first keys.

    Raises:
        NotAllowed, InvalidName, InvalidField, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    slug(new.name, of="domain")
    for alias in new.aliases:
        _check_alias(alias)
    domain = tx.domains.add(new, index_version=ensure_domain_keys(center, new.name))
    facts = {"kind": domain.kind.value, "multi": str(domain.multi).lower()}
    record_leaf(center, tx, actor, Act(EventKind.DOMAIN_CREATED, domain=domain.name, facts=facts))
    return domain


def _check_alias(alias: str) -> None:
    if not 1 <= len(alias) <= 512 or not alias.isprintable():
        raise InvalidName("An alias has 1 to 512 printable characters.")
