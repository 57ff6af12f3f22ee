"""Lead a domain through its life: activate, freeze, retire it, and say what it is; a draft can change its form."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.domain_policy import About, LifeCycle, WrongLifeCycle
from ttp.core.domains import Domain, require_about
from ttp.core.errors import Conflict
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.pseudonym_form import PseudonymForm
from ttp.services.domains.create_domain import require_capacity
from ttp.services.log.record_leaf import Act, record_leaf

_LEAVES = {
    LifeCycle.ACTIVE: EventKind.DOMAIN_ACTIVATED,
    LifeCycle.FROZEN: EventKind.DOMAIN_FROZEN,
    LifeCycle.RETIRED: EventKind.DOMAIN_RETIRED,
}


def lead_domain(
    center: Center, tx: Transaction, actor: Actor, *, domain: str, to: LifeCycle
) -> Domain:
    """Let a domain take its next step; it waits for requests that write in it, and later ones see the new state.

    Raises:
        NotAllowed, UnknownDomain, WrongLifeCycle: and nothing is changed.
        Conflict: a project needs this domain.
    """
    space = tx.domains.get_for_change(domain)
    actor.require(Right.ADMINISTER, space.name)
    space.state.require_step(to)
    if space.project is not None:
        raise Conflict("A project's domain lives as long as its project.")
    tx.domains.set_state(space, to)
    facts = {"from": space.state.value}
    record_leaf(center, tx, actor, Act(_LEAVES[to], domain=space.name, facts=facts))
    return tx.domains.get(space.name)


def change_domain(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain: str,
    about: About | None = None,
    form: PseudonymForm | None = None,
) -> Domain:
    """Store another description, or another form of a draft; what is None stays as it is.

    Raises:
        NotAllowed, UnknownDomain, InvalidField: and nothing is changed.
        WrongLifeCycle: the form of a domain that is no draft is fixed for good.
    """
    space = tx.domains.get_for_change(domain)
    actor.require(Right.ADMINISTER, space.name)
    if about is not None:
        tx.domains.set_about(space, require_about(about))
    if form is not None:
        if space.state is not LifeCycle.DRAFT:
            raise WrongLifeCycle(
                "The form of pseudonyms can change only while the domain is a draft."
            )
        require_capacity(space.generation, form)
        tx.domains.set_form(space, form)
    changed = {"about": about, "form": form}
    facts = {"changed": " ".join(name for name, value in changed.items() if value is not None)}
    act = Act(EventKind.DOMAIN_CHANGED, domain=space.name, facts=facts)
    record_leaf(center, tx, actor, act)
    return tx.domains.get(space.name)
