"""Ask permissions: before a release every site says whose consent ended; one that does not answer stops the release."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any

from ttp.core.center import Center
from ttp.core.federation import MAXIMAL_PERMISSIONS, FederationPath, Peers
from ttp.core.names import IdentityId
from ttp.core.peers import PeerAnswerRejected
from ttp.core.ports import Transaction
from ttp.core.submissions import StoredEncoding
from ttp.services.peers.ask_peer import ask_peer
from ttp.services.persons.seal_identities import open_contents
from ttp.services.projects.receive_submissions import linked_project

BLOCK = 2_000

Submitted = dict[str, dict[str, IdentityId]]
"""Of each site: submission pseudonym → identity here."""


def ask_permissions(center: Center, peers: Peers, *, project_name: str) -> frozenset[IdentityId]:
    """The submitted records that their sites say may no longer be used. No transaction may be open.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed: this center does not link the project now.
        UnknownPeer, PeerNotTrusted, PeerUnreachable, PeerAnswerRejected, PeerRefused: a site did not say.
    """
    submitted = center.work.run(lambda tx: _submitted(center, tx, project_name), write=False)
    return frozenset(
        identity
        for site, named in sorted(submitted.items())
        for identity in _refused(center, peers, site, project_name, named)
    )


def _submitted(center: Center, tx: Transaction, project_name: str) -> Submitted:
    population = linked_project(center, tx, project_name).population
    found: Submitted = defaultdict(dict)
    rows = iter(tx.identities.all_versions(population))
    while block := list(islice(rows, BLOCK)):
        for row, content in zip(block, open_contents(center, population, block), strict=True):
            found[row.source][_pseudonym(content)] = row.id
    return found


def _pseudonym(content: bytes) -> str:
    return StoredEncoding.read(content).record.pseudonym


def _refused(
    center: Center, peers: Peers, site: str, project: str, named: dict[str, IdentityId]
) -> list[IdentityId]:
    refused: list[IdentityId] = []
    tokens = sorted(named)
    for start in range(0, len(tokens), MAXIMAL_PERMISSIONS):
        asked = tokens[start : start + MAXIMAL_PERMISSIONS]
        payload: dict[str, Any] = {"project": project, "submissions": asked}
        answer = ask_peer(
            center, peers, name=site, path=FederationPath.PERMISSIONS, payload=payload
        ).get("refused")
        if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
            raise PeerAnswerRejected("The site's answer names no submissions.", peer=site)
        if not set(answer) <= set(asked):
            raise PeerAnswerRejected("The site answered about other submissions.", peer=site)
        refused.extend(named[one] for one in answer)
    return refused
