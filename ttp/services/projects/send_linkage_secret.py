"""Send a linkage secret: to each encoding center of the project, sealed to its key alone; then announce it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers
from ttp.core.linkage_secrets import LinkageSecret
from ttp.core.names import CenterName
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.tasks import Progress
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.ask_peer import witnessed_peer
from ttp.services.projects.announce_linkage_secret import announce_linkage_secret
from ttp.services.projects.hold_linkage_secret import draw_linkage_secret, seal_linkage_secret


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it: None where it was taken in, else the code of the error.

    sites: of the secret, at each other site. announced: of its announcement, at the ``linker``.
    """

    sites: Mapping[CenterName, str | None]
    linker: CenterName
    announced: str | None


def send_linkage_secret(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    project_name: str,
    anew: bool = False,
    progress: Progress | None = None,
) -> Sent:
    """Draw the secret if need be, send it to every other site, announce it; doing so again changes nothing.

    A site that cannot take it in does not keep the others from it. The linking center is told last, for it refuses
    older secrets from then on; if it cannot be told now, the worker goes on trying some minutes later.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, SecretForbidden, NotSecretHolder.
    """
    secret = center.work.run(
        lambda tx: draw_linkage_secret(center, tx, actor, project_name=project_name, anew=anew)
    )
    project = center.work.run(lambda tx: tx.projects.get(project_name), write=False)
    others = [site for site in project.terms.sites if site != center.name]
    sent: dict[CenterName, str | None] = {}
    for done, site in enumerate(others, start=1):
        sent[site] = _send(center, peers, project, secret, site)
        if progress:
            progress("send secret", done, len(others))
    center.work.run(lambda tx: _record(center, tx, actor, secret, sent))
    announced = announce_linkage_secret(center, peers, actor, project, secret)
    return Sent(sent, project.terms.linking_center, announced)


def _send(
    center: Center, peers: Peers, project: Project, secret: LinkageSecret, site: CenterName
) -> str | None:
    try:
        peer = center.work.run(lambda tx: witnessed_peer(center, tx, site), write=False)
        sealed = seal_linkage_secret(center, project, secret, peer)
        peers.ask(peer, FederationPath.SECRETS, _payload(secret, sealed))
    except TTPError as error:
        return str(error.facts.get("peer_code", error.code))
    return None


def _payload(secret: LinkageSecret, sealed: bytes) -> dict[str, Any]:
    return {
        "project": secret.project,
        "version": secret.version,
        "schema_fingerprint": secret.schema_fingerprint,
        "commitment": secret.commitment,
        "sealed": base64.b64encode(sealed).decode(),
    }


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    secret: LinkageSecret,
    sent: Mapping[CenterName, str | None],
) -> None:
    taken = sorted(site for site, error in sent.items() if error is None)
    facts = {"project": secret.project, "sites": ",".join(taken)}
    counts = {"version": secret.version, "sent": len(taken), "failed": len(sent) - len(taken)}
    record_leaf(center, tx, actor, Act(EventKind.SECRET_SENT, counts=counts, facts=facts))
