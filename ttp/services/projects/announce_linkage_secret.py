"""Announce a linkage secret: its holder tells the linking center which versions there are, and what proves their use.

It goes on trying until the linking center has heard of the newest version that was drawn here.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any, Final

from ttp.core.access import SYSTEM, Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers
from ttp.core.linkage_secrets import LinkageSecret
from ttp.core.peers import PeerUnreachable
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.projects.encode_patients import ProjectEncoder

HEAD_START: Final = timedelta(minutes=5)
"""How long a secret is on its way to the sites before it is announced without being asked for."""


def announce_linkage_secret(
    center: Center, peers: Peers, actor: Actor, project: Project, secret: LinkageSecret
) -> str | None:
    """Tell the project's linking center of a secret; None if it knows now, else the code of the error.

    Never sends the secret or anything it could be found from: a commitment and digests. Repeatable.
    """
    linker = project.terms.linking_center
    try:
        payload = _payload(project, secret, ProjectEncoder(center, project, secret))
        ask_peer(center, peers, name=linker, path=FederationPath.ANNOUNCEMENTS, payload=payload)
    except TTPError as error:
        return str(error.facts.get("peer_code", error.code))
    center.work.run(lambda tx: _record(center, tx, actor, secret))
    return None


def announce_waiting_secrets(center: Center, peers: Peers) -> int:
    """Announce what waits for it and has had its head start; returns how many versions are known now that were not.

    A linking center that cannot be reached is asked once, and keeps no other from hearing.
    """
    drawn_until = center.clock.now() - HEAD_START
    waiting = center.work.run(lambda tx: waiting_secrets(center, tx), write=False)
    known, away = 0, set()
    for project, secret in waiting:
        linker = project.terms.linking_center
        if linker in away or secret.at > drawn_until:
            continue
        error = announce_linkage_secret(center, peers, SYSTEM, project, secret)
        known += error is None
        if error == PeerUnreachable.code:
            away.add(linker)
    return known


def waiting_secrets(center: Center, tx: Transaction) -> list[tuple[Project, LinkageSecret]]:
    """Secrets of active projects, drawn here, of which the linking center is not known to have heard, oldest first."""
    named = [(tx.projects.get(one.project), one) for one in tx.secrets.unannounced(center.name)]
    now = center.clock.now()
    return [(project, secret) for project, secret in named if project.is_active(now)]


def _payload(project: Project, secret: LinkageSecret, encoder: ProjectEncoder) -> dict[str, Any]:
    return {
        "project": project.name,
        "version": secret.version,
        "schema_fingerprint": project.terms.schema_fingerprint,
        "commitment": secret.commitment,
        "canaries": base64.b64encode(encoder.canary_digests()).decode(),
    }


def _record(center: Center, tx: Transaction, actor: Actor, secret: LinkageSecret) -> None:
    if not tx.secrets.told(secret, at=center.clock.now()):
        return
    facts = {"project": secret.project, "commitment": secret.commitment}
    act = Act(EventKind.SECRET_ANNOUNCED, counts={"version": secret.version}, facts=facts)
    record_leaf(center, tx, actor, act)
