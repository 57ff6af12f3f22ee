"""Fetch project pseudonyms: a site learns under which pseudonyms the project knows the patients it submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers, require_local
from ttp.core.names import PersonId, Pseudonym
from ttp.core.peers import PeerAnswerRejected
from ttp.core.ports import Transaction
from ttp.core.project_pseudonyms import ProjectMember
from ttp.core.projects import Project
from ttp.core.tasks import Progress
from ttp.services.consents.may_use import may_use
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.projects.answer_evidence import submitted_persons

PAGE = 2_000


def fetch_project_pseudonyms(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    project_name: str,
    secondaries: int = 0,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Fetch and keep the project pseudonym of everything this site submitted; gives the counts.

    ``secondaries`` asks for so many further pseudonyms of each, one for every data set that must not be joined.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, UnknownPeer, PeerNotTrusted: nothing was asked.
        PeerUnreachable, PeerAnswerRejected, PeerRefused: what came before is kept.
    """
    actor.require(Right.LINK, project=project_name)
    require_local(center)
    project = center.work.run(lambda tx: _project(center, tx, project_name), write=False)
    question: dict[str, Any] = {
        "project": project.name,
        "limit": PAGE,
        "secondaries": secondaries,
    }
    members, superseded = 0, 0
    after: str | None = None
    while True:
        answer = ask_peer(
            center,
            peers,
            name=project.terms.linking_center,
            path=FederationPath.PSEUDONYMS,
            payload={**question, "after": after},
        )
        page = [_member(entry) for entry in _entries(answer)]
        now = center.clock.now()
        center.work.run(lambda tx, page=page, now=now: tx.members.put(project.name, page, at=now))  # type: ignore[misc] # defaults bind the values
        members += len(page)
        superseded += sum(bool(member.former) for member in page)
        after = _cursor(answer, before=after)
        if progress:
            progress("fetch", members, members + (PAGE if after else 0))
        if not after or not page:
            break
    counts = {"members": members, "with_former": superseded}
    center.work.run(lambda tx: _record(center, tx, actor, project, counts))
    return counts


def project_members(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str
) -> dict[PersonId, ProjectMember]:
    """What was fetched, by person of this center, of those whose data the project may use now.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive.
    """
    actor.require(Right.LINK, project=project_name)
    project = _project(center, tx, project_name)
    submissions = tx.members.submissions(project.name)
    persons = submitted_persons(center, tx, project, submissions)
    usable = may_use(tx, list(persons.values()), project, at=center.clock.now())
    members = tx.members.of(project.name, list(persons))
    return {person: members[token] for token, person in persons.items() if person in usable}


def _project(center: Center, tx: Transaction, name: str) -> Project:
    require_local(center)
    project = tx.projects.get(name)
    project.require_active(center.clock.now())
    project.require_site(center.name)
    return project


def _entries(answer: Mapping[str, Any]) -> Sequence[Any]:
    entries = answer.get("members")
    if not isinstance(entries, list):
        raise PeerAnswerRejected("The linking center's answer has no members.")
    return entries


def _cursor(answer: Mapping[str, Any], *, before: str | None) -> str | None:
    """Where the next page begins; cursors rise, so that pages come to an end."""
    after = answer.get("next")
    if after is not None and not (isinstance(after, str) and after > (before or "")):
        raise PeerAnswerRejected("The linking center's answer has a cursor that leads nowhere.")
    return after


def _member(entry: Any) -> ProjectMember:
    try:
        return ProjectMember(
            _token(entry["submission"]),
            _token(entry["pseudonym"]),
            tuple(map(_token, entry["former"])),
            tuple(map(_token, entry["secondaries"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PeerAnswerRejected("A member in the linking center's answer is malformed.") from error


def _token(text: object) -> Pseudonym:
    if not isinstance(text, str) or not 1 <= len(text) <= 160 or not text.isprintable():
        raise ValueError("no pseudonym")
    return Pseudonym(text)


def _record(
    center: Center, tx: Transaction, actor: Actor, project: Project, counts: Mapping[str, int]
) -> None:
    facts = {"project": project.name, "from": project.terms.linking_center}
    record_leaf(center, tx, actor, Act(EventKind.PSEUDONYMS_TAKEN_IN, counts=counts, facts=facts))
