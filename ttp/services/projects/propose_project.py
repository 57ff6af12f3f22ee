"""Propose a project: its terms are fixed; a second person approves them; only then anything may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from linkage import schema as linkage_schema
from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.domains import (
    DEFAULT_ALPHABET,
    DEFAULT_LENGTH,
    DomainKind,
    NewDomain,
    PseudonymForm,
    alphabet_named,
)
from ttp.core.errors import Conflict, InvalidField, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.names import CenterName, DomainName, ProjectName, slug
from ttp.core.ports import Transaction
from ttp.core.projects import Project, ProjectState, Terms
from ttp.services.approvals.settle_approval import (
    Asked,
    grant_approval,
    refuse_approval,
    request_approval,
)
from ttp.services.domains.create_domain import create_domain
from ttp.services.log.record_leaf import Act, record_leaf

_MOVED = {
    ProjectState.APPROVED: EventKind.PROJECT_APPROVED,
    ProjectState.REFUSED: EventKind.PROJECT_REFUSED,
}


def propose_project(center: Center, tx: Transaction, actor: Actor, terms: Terms) -> Project:
    """Store the project as proposed and ask for a second person's approval.

    Raises:
        NotAllowed, InvalidField, AlreadyExists: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    return _propose(center, tx, actor, terms)


def offer_project(center: Center, tx: Transaction, actor: Actor, terms: Terms) -> Project:
    """Store a project that its linking center, a trusted peer, offers; a person of this center approves it.

    Offering the same terms again changes nothing.

    Raises:
        NotAllowed: the peer is not the project's linking center. InvalidField, Conflict: the terms do not
        fit, or differ from those that stand under this name.
    """
    actor.require(Right.FEDERATE)
    if actor.name != terms.linking_center:
        raise NotAllowed("Only the linking center offers a project.")
    standing = next((known for known in tx.projects.all() if known.name == terms.name), None)
    if standing is not None and standing.terms != terms:
        raise Conflict("A project of this name has other terms here.")
    return standing or _propose(center, tx, actor, terms)


def approve_project(center: Center, tx: Transaction, actor: Actor, *, name: str) -> Project:
    """Approve a proposed project and make its domains.

    Raises:
        NotAllowed, UnknownProject, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    actor.require(Right.APPROVE, project=name)
    project = tx.projects.get(name)
    grant_approval(center, tx, actor, approval_id=project.id, kind=ApprovalKind.PROJECT)
    approved = _move(center, tx, actor, project, ProjectState.APPROVED)
    for domain in _domains_here(center, approved):
        create_domain(center, tx, actor, domain)
    return approved


def refuse_project(center: Center, tx: Transaction, actor: Actor, *, name: str) -> Project:
    """Refuse a proposed project.

    Raises:
        NotAllowed, UnknownProject, ApprovalClosed: and nothing is changed.
    """
    actor.require(Right.APPROVE, project=name)
    asked = tx.projects.get(name).id
    return drop_project(center, tx, actor, refuse_approval(center, tx, actor, approval_id=asked))


def drop_project(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Project:
    """What becomes of a proposal that nobody approved: its name stays taken."""
    project = tx.projects.get(str(asked.subject["project"]))
    return _move(center, tx, actor, project, ProjectState.REFUSED)


def end_project(center: Center, tx: Transaction, actor: Actor, *, name: str) -> Project:
    """End an approved project before it expires; nothing more can be done with it.

    Raises:
        NotAllowed, UnknownProject, Conflict: and nothing is changed.
    """
    actor.require(Right.ADMINISTER, project=name)
    project = tx.projects.get(name)
    tx.projects.move(project, project.moved_to(ProjectState.ENDED), approved_by=None)
    record_leaf(center, tx, actor, Act(EventKind.PROJECT_ENDED, facts={"project": name}))
    return tx.projects.get(name)


def terms_from(document: Mapping[str, Any]) -> Terms:
    """Terms from their JSON form; the schema's fingerprint is filled in where it is left out.

    Raises:
        InvalidField, InvalidName: a member is missing, of a wrong type or not acceptable.
    """
    try:
        return Terms(
            name=ProjectName(slug(document["name"], of="project")),
            purpose=str(document["purpose"]),
            sites=tuple(CenterName(slug(site, of="center")) for site in document["sites"]),
            linking_center=CenterName(slug(document["linking_center"], of="center")),
            secret_holder=CenterName(slug(document["secret_holder"], of="center")),
            schema=str(document.get("schema", "default")),
            schema_fingerprint=str(document.get("schema_fingerprint") or _fingerprint(document)),
            policies=tuple(str(policy) for policy in document.get("policies", ())),
            expires_at=_time(document["expires_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidField("The terms of the project are incomplete or malformed.") from error


def terms_document(terms: Terms) -> dict[str, Any]:
    """The JSON form of terms, which all centers of a project share."""
    return {
        "name": terms.name,
        "purpose": terms.purpose,
        "sites": list(terms.sites),
        "linking_center": terms.linking_center,
        "secret_holder": terms.secret_holder,
        "schema": terms.schema,
        "schema_fingerprint": terms.schema_fingerprint,
        "policies": list(terms.policies),
        "expires_at": terms.expires_at.isoformat(),
    }


def _propose(center: Center, tx: Transaction, actor: Actor, terms: Terms) -> Project:
    _check_for(center, terms)
    project = Project(
        center.new_id(), terms, ProjectState.PROPOSED, actor.name, None, center.clock.now()
    )
    tx.projects.add(project)
    asked = Asked(ApprovalKind.PROJECT, {"project": terms.name}, id=project.id)
    request_approval(center, tx, actor, asked)
    record_leaf(center, tx, actor, Act(EventKind.PROJECT_PROPOSED, facts=_facts(terms)))
    return project


def _move(
    center: Center, tx: Transaction, actor: Actor, project: Project, state: ProjectState
) -> Project:
    decided_by = actor.name if state is ProjectState.APPROVED else None
    tx.projects.move(project, project.moved_to(state), approved_by=decided_by)
    act = Act(_MOVED[state], approval=str(project.id), facts={"project": project.name})
    record_leaf(center, tx, actor, act)
    return tx.projects.get(project.name)


def _check_for(center: Center, terms: Terms) -> None:
    if center.name not in {*terms.sites, terms.linking_center}:
        raise InvalidField("This center takes no part in the project.")
    if terms.expires_at <= center.clock.now():
        raise InvalidField("The project would have expired already.")
    if linkage_schema.load(terms.schema).fingerprint != terms.schema_fingerprint:
        raise InvalidField("The linkage schema of this name has another fingerprint here.")


def _domains_here(center: Center, project: Project) -> list[NewDomain]:
    form = PseudonymForm(alphabet_named(DEFAULT_ALPHABET), DEFAULT_LENGTH)
    name = (
        project.domain if center.name == project.terms.linking_center else project.submission_domain
    )
    return [NewDomain(DomainName(name), form, kind=DomainKind.PERSON, project=project.name)]


def _fingerprint(document: Mapping[str, Any]) -> str:
    return linkage_schema.load(str(document.get("schema", "default"))).fingerprint


def _time(text: object) -> datetime:
    time = datetime.fromisoformat(str(text))
    if time.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return time


def _facts(terms: Terms) -> dict[str, str]:
    return {
        "project": terms.name,
        "sites": ",".join(terms.sites),
        "linking_center": terms.linking_center,
        "schema": terms.schema_fingerprint,
        "policies": ",".join(terms.policies),
        "expires_at": terms.expires_at.isoformat(),
    }
