"""Request a release: a person asks for a hand-over of a project's cohort to one researcher's key."""

from __future__ import annotations

from keys.errors import KeyFormatInvalid
from keys.recipients import recipient_fingerprint
from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.releases import Release, ReleaseState
from ttp.services.approvals.settle_approval import Asked, refuse_approval, request_approval
from ttp.services.log.record_leaf import Act, record_leaf


def request_release(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    recipient: str,
    researcher: str | None = None,
) -> Release:
    """Store the request; a second person approves it, and only then the archive is made.

    ``recipient`` is an age or SSH public key. ``researcher`` names the account that may download.

    Raises:
        NotAllowed, UnknownProject, ProjectNotActive, InvalidField: and nothing is changed.
    """
    actor.require(Right.RELEASE, project=project_name)
    project = tx.projects.get(project_name)
    project.require_active(center.clock.now())
    require_linking_center(center, project)
    fingerprint = checked_fingerprint(recipient)
    release = Release(
        id=center.new_id(),
        project=project.name,
        version=tx.releases.next_version(project.name),
        recipient=recipient.strip(),
        researcher=researcher,
        state=ReleaseState.REQUESTED,
        requested_by=actor.name,
        requested_at=center.clock.now(),
    )
    tx.releases.add(release)
    facts = {"project": project.name, "version": str(release.version), "recipient": fingerprint}
    request_approval(center, tx, actor, Asked(ApprovalKind.RELEASE, facts, id=release.id))
    record_leaf(center, tx, actor, Act(EventKind.RELEASE_REQUESTED, facts=facts))
    return release


def refuse_release(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, version: int
) -> None:
    """Refuse a requested release.

    Raises:
        NotAllowed, UnknownRelease, Conflict: and nothing is changed.
    """
    actor.require(Right.APPROVE, project=project_name)
    release = tx.releases.get(project_name, version)
    drop_release(center, tx, actor, refuse_approval(center, tx, actor, approval_id=release.id))


def drop_release(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> None:
    """What becomes of a requested release that nobody approved: its version is not used again."""
    project, version = str(asked.subject["project"]), int(str(asked.subject["version"]))
    tx.releases.refuse(tx.releases.get(project, version))
    facts = {"project": project, "version": str(version)}
    act = Act(EventKind.RELEASE_REFUSED, approval=str(asked.id), facts=facts)
    record_leaf(center, tx, actor, act)


def require_linking_center(center: Center, project: Project) -> None:
    """Pass if this center links the project: only it knows the cohort.

    Raises:
        NotAllowed: otherwise.
    """
    if center.name != project.terms.linking_center:
        raise NotAllowed("Only the project's linking center releases its cohort.")


def checked_fingerprint(recipient: str) -> str:
    """The fingerprint of a researcher's public key.

    Raises:
        InvalidField: it is not an age or SSH public key.
    """
    try:
        return recipient_fingerprint(recipient.strip())
    except KeyFormatInvalid as error:
        raise InvalidField("The recipient is not an age or SSH public key.") from error
