"""Answer permissions: a site tells the linking center which of its submissions may not be used, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed, TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.federation import MAXIMAL_PERMISSIONS, require_local
from ttp.core.names import Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.pseudonyms.link_originals import SINGLE, open_originals
from ttp.services.pseudonyms.refuse_unusable import usable_originals


def answer_permissions(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    submissions: Sequence[str],
) -> list[str]:
    """Those of the submission pseudonyms whose persons may not be used now; one nobody knows is among them.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, TooManyItems: and nothing is told.
        NotAllowed: another center asks than the one that links this project, or this is no site of it.
    """
    actor.require(Right.FEDERATE)
    require_local(center)
    if len(submissions) > MAXIMAL_PERMISSIONS:
        raise TooManyItems(f"A request asks about at most {MAXIMAL_PERMISSIONS} submissions.")
    project = tx.projects.get(project_name)
    project.require_site(center.name)
    if actor.name != project.terms.linking_center:
        raise NotAllowed("Only the project's linking center asks for permissions.")
    usable = _usable(center, tx, project, submissions)
    refused = [one for one in submissions if one not in usable]
    _record(center, tx, actor, project, submissions, refused)
    return refused


def _usable(
    center: Center, tx: Transaction, project: Project, submissions: Sequence[str]
) -> set[str]:
    domain = tx.domains.get(project.submission_domain)
    found = tx.pseudonyms.envelopes(domain, [Pseudonym(one) for one in sorted(set(submissions))])
    rows = {token.encode(): envelope for token, envelope in found.items()}
    opened = open_originals(center, domain, SINGLE, rows)
    usable = usable_originals(center, tx, project, sorted(set(opened.values())))
    return {token.decode() for token, original in opened.items() if original in usable}


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    asked: Sequence[str],
    refused: Sequence[str],
) -> None:
    act = Act(
        EventKind.PERMISSIONS_ANSWERED,
        domain=project.submission_domain,
        counts={"asked": len(asked), "refused": len(refused)},
        facts={"project": project.name},
        subjects=tuple(sorted({Original(one).encode() for one in refused})),
    )
    record_leaf(center, tx, actor, act)
