"""Limit an account: staff may be kept to some domains and projects; a limit counts from the next login on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

EVERYWHERE = "everywhere"


def limit_account(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    name: str,
    domains: Sequence[str] | None,
    projects: Sequence[str] | None,
) -> None:
    """Keep an account to these domains and projects, None being no limit; its sessions end.

    Who is kept to projects sees no patients but theirs, and no identifying data of the center's own.

    Raises:
        NotAllowed: the actor may not, or it is their own account.
        NotFound, UnknownDomain, UnknownProject: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    staff = tx.staff.by_name(name)
    if staff is None:
        raise NotFound("No account of this name is open.")
    if staff.id == actor.id:
        raise NotAllowed("Another steward changes your limits.")
    where = None if domains is None else frozenset(tx.domains.get(one).name for one in domains)
    what = None if projects is None else frozenset(tx.projects.get(one).name for one in projects)
    tx.staff.change_role(replace(staff, domains=where, projects=what))
    facts = {"account": name, "domains": _told(where), "projects": _told(what)}
    record_leaf(center, tx, actor, Act(EventKind.ACCOUNT_LIMITED, facts=facts))


def _told(names: frozenset[str] | None) -> str:
    return EVERYWHERE if names is None else ",".join(sorted(names))
