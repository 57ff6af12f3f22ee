"""Find what was withdrawn: before a release the sites say whose data may no longer be used, by submission."""

from __future__ import annotations

from typing import Any

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.federation import FederationPath, Peers, require_federated
from ttp.core.names import CenterName, IdentityId
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.answer_evidence import site_project, submitted_persons
from ttp.services.ask_peer import ask_peer
from ttp.services.load_encodings import submitted_records
from ttp.services.may_use import may_use
from ttp.services.record_leaf import Act, record_leaf

ASKED_AT_ONCE = 5_000


def find_withdrawn(center: Center, peers: Peers, *, project_name: str) -> set[IdentityId]:
    """The submitted records whose data the project may no longer use, as their sites say now.

    No transaction may be open. A site that does not answer stops it: nothing is released on a guess.

    Raises:
        WrongRole, UnknownProject, UnknownPeer, PeerNotTrusted, PeerUnreachable, PeerAnswerRejected, PeerRefused.
    """
    require_federated(center)
    project = center.work.run(lambda tx: tx.projects.get(project_name), write=False)
    records = center.work.run(lambda tx: submitted_records(center, tx, project), write=False)
    withdrawn: set[IdentityId] = set()
    for site in project.terms.sites:
        own = {one.pseudonym: one.identity for one in records if one.site == site}
        withdrawn |= _of_site(center, peers, project, site, own)
    return withdrawn


def answer_withdrawn(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, pseudonyms: list[str]
) -> dict[str, Any]:
    """Which of these submissions of this site may no longer be used; one whose patient is gone may not either.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed: and nothing is answered.
    """
    actor.require(Right.FEDERATE)
    project = site_project(center, tx, actor, project_name)
    persons = submitted_persons(center, tx, project, pseudonyms)
    usable = may_use(tx, list(persons.values()), project, at=center.clock.now())
    allowed = {token for token, person in persons.items() if person in usable}
    withdrawn = sorted(set(pseudonyms) - allowed)
    counts = {"asked": len(pseudonyms), "withdrawn": len(withdrawn)}
    act = Act(
        "consent.answered",
        domain=project.submission_domain,
        counts=counts,
        facts={"project": project.name},
    )
    record_leaf(center, tx, actor, act)
    return {"withdrawn": withdrawn}


def _of_site(
    center: Center,
    peers: Peers,
    project: Project,
    site: CenterName,
    own: dict[str, IdentityId],
) -> set[IdentityId]:
    tokens = sorted(own)
    found: set[IdentityId] = set()
    for start in range(0, len(tokens), ASKED_AT_ONCE):
        payload = {
            "project": project.name,
            "pseudonyms": tokens[start : start + ASKED_AT_ONCE],
        }
        answer = ask_peer(center, peers, name=site, path=FederationPath.WITHDRAWN, payload=payload)
        found |= {own[token] for token in answer.get("withdrawn", []) if token in own}
    return found
