"""Approve a release: the sites say whose consent ended, a second person approves, a checkpoint covers it."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.federation import Peers
from ttp.core.releases import Release
from ttp.services.log.sequence_leaves import await_checkpoint
from ttp.services.releases.ask_permissions import ask_permissions
from ttp.services.releases.publish_release import publish_release


def approve_release(
    center: Center, peers: Peers, actor: Actor, *, project_name: str, version: int
) -> Release:
    """Publish a requested release; answered only once a checkpoint covers its leaf. No transaction may be open.

    Raises:
        NotAllowed, UnknownRelease, ProjectNotActive, SecondPersonNeeded, Conflict: and nothing is changed.
        UnknownPeer, PeerNotTrusted, PeerUnreachable, PeerAnswerRejected, PeerRefused: a site did not say.
        AuditUnavailable: the release is made, but no checkpoint covers it yet.
    """
    actor.require(Right.APPROVE, project=project_name)
    center.work.run(lambda tx: tx.releases.get(project_name, version), write=False)
    withdrawn = ask_permissions(center, peers, project_name=project_name)
    leaf = center.work.run(
        lambda tx: publish_release(
            center,
            tx,
            actor,
            project_name=project_name,
            version=version,
            withdrawn=withdrawn,
        )
    )
    await_checkpoint(center, leaf)
    return center.work.run(lambda tx: tx.releases.get(project_name, version), write=False)
