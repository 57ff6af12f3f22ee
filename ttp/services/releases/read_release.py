"""Read a release: only the researcher it is for, and staff who release, get the archive; every download is a leaf."""

from __future__ import annotations

from ttp.core.access import Actor, Right, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.events import recipient_of
from ttp.core.ports import Transaction
from ttp.core.releases import MOST_VERSIONS, Release, UnknownRelease
from ttp.services.log.record_leaf import Act, record_leaf


def read_release(
    center: Center, tx: Transaction, actor: Actor, *, project_name: str, version: int
) -> bytes:
    """The tar of a published release.

    Raises:
        NotAllowed: it is for somebody else. UnknownRelease: there is none, or it is not published.
    """
    actor.require(Right.READ_RELEASE, project=project_name)
    if version > MOST_VERSIONS:
        raise UnknownRelease
    release = tx.releases.get(project_name, version)
    _require_theirs(actor, release)
    archive = tx.releases.archive(project_name, version)
    domain = tx.projects.get(project_name).domain
    tx.events.pass_on(domain, given=release.recipient_name, to=recipient_of(actor))
    facts = {"project": project_name, "version": str(version)}
    record_leaf(center, tx, actor, Act(EventKind.RELEASE_DOWNLOADED, facts=facts))
    return archive


def _require_theirs(actor: Actor, release: Release) -> None:
    if actor.role is Role.RESEARCHER and actor.name != release.researcher:
        raise NotAllowed("This release is for somebody else.")
