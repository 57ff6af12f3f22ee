"""Federation: which center asks which other one for what; every request is signed, every answer bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from keys.signatures import SigningKey
from ttp.core.center import Center, CenterRole
from ttp.core.errors import NotAllowed
from ttp.core.peers import Peer

MAXIMAL_BODY_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 3 * 1024 * 1024
"""What one request of a chunked message may hold, so that its envelope still fits."""
MAXIMAL_PERMISSIONS = 10_000
"""Submissions a single request for permissions may name."""


class WrongRole(NotAllowed):
    """This center does not play the part that the request needs."""

    code = "wrong-role"


class FederationPath(StrEnum):
    """Where a center receives signed requests of its peers, below its public URL."""

    PROJECTS = "/api/v1/federation/projects"
    SECRETS = "/api/v1/federation/linkage-secrets"
    ANNOUNCEMENTS = "/api/v1/federation/linkage-secrets/announcements"
    SUBMISSIONS = "/api/v1/federation/submissions"
    EVIDENCE = "/api/v1/federation/evidence"
    PSEUDONYMS = "/api/v1/federation/project-pseudonyms"
    PERMISSIONS = "/api/v1/federation/permissions"
    WITNESS = "/api/v1/federation/checkpoints"
    LATEST = "/api/v1/federation/checkpoints/latest"
    RESTORES = "/api/v1/federation/restores"
    STATEMENTS = "/api/v1/federation/key-statements"


class Peers(Protocol):
    """How this center asks others. Nothing of a patient in clear ever passes here."""

    def ask(
        self,
        peer: Peer,
        path: FederationPath,
        payload: Mapping[str, Any],
        *,
        key: SigningKey | None = None,
    ) -> dict[str, Any]:
        """Send a signed request and give its verified answer.

        ``key`` signs in place of the present one: a revoked key's last word.

        Raises:
            PeerUnreachable: no answer after several tries.
            PeerAnswerRejected: the answer's signature does not hold.
            PeerRefused: the peer answered with a problem; ``facts`` hold its code, detail and status.
        """
        ...

    def statements(self, peer: Peer) -> list[object]:
        """The statements about its keys that the peer serves to everybody. Nothing in them is believed yet.

        Raises:
            PeerUnreachable: no answer after several tries.
            PeerAnswerRejected: the answer is no list of statements.
        """
        ...


def require_local(center: Center) -> None:
    """Pass where identities are kept and encoded.

    Raises:
        WrongRole: at a federated center.
    """
    if center.role is CenterRole.FEDERATED:
        raise WrongRole("A federated center holds no identifying data and encodes nothing.")


def require_federated(center: Center) -> None:
    """Pass where encodings of several centers are linked.

    Raises:
        WrongRole: at a local center.
    """
    if center.role is CenterRole.LOCAL:
        raise WrongRole("A local center does not link encodings of others.")
