"""Announce a project: its linking center offers the approved terms to every site, whose own persons decide."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers
from ttp.core.names import CenterName
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.projects.propose_project import terms_document
from ttp.services.projects.receive_submissions import linked_project

Announced = dict[CenterName, str | None]
"""What became of it at each site: None where it was taken in, else the code of the error."""


def announce_project(center: Center, peers: Peers, actor: Actor, *, project_name: str) -> Announced:
    """Offer the project to all its sites; one that cannot take it in keeps no other from it. Repeatable.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive: and nothing is sent.
    """
    actor.require(Right.ADMINISTER, project=project_name)
    project = center.work.run(lambda tx: linked_project(center, tx, project_name), write=False)
    announced = {site: _offer(center, peers, project, site) for site in project.terms.sites}
    center.work.run(lambda tx: _record(center, tx, actor, project, announced))
    return announced


def _offer(center: Center, peers: Peers, project: Project, site: CenterName) -> str | None:
    payload = {"terms": terms_document(project.terms)}
    try:
        ask_peer(center, peers, name=site, path=FederationPath.PROJECTS, payload=payload)
    except TTPError as error:
        return str(error.facts.get("peer_code", error.code))
    return None


def _record(
    center: Center, tx: Transaction, actor: Actor, project: Project, announced: Announced
) -> None:
    taken = sorted(site for site, error in announced.items() if error is None)
    facts = {"project": project.name, "sites": ",".join(taken)}
    counts = {"sites": len(taken), "failed": len(announced) - len(taken)}
    record_leaf(center, tx, actor, Act(EventKind.PROJECT_ANNOUNCED, counts=counts, facts=facts))
