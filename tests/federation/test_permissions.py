"""Before a release the sites are asked: whose consent ended is not in it, and a silent site stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keys.signatures import SigningKey
from tests.federation.network import PROJECT, Network
from tests.simulator import Wires
from ttp.core.access import OPERATOR, peer_actor
from ttp.core.consent import Provision
from ttp.core.errors import NotAllowed
from ttp.core.federation import FederationPath
from ttp.core.names import CenterName, IdentityId
from ttp.core.peers import Peer, PeerAnswerRejected, PeerUnreachable
from ttp.services.consents.import_consents import BroughtStatement, import_consents
from ttp.services.releases.answer_permissions import answer_permissions
from ttp.services.releases.ask_permissions import ask_permissions

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """All patients of both sites permit the policy ``use`` and are submitted."""
    network = Network(tmp_path)
    network.approve(replace(network.terms(), policies=("use",)))
    made = network.populate(20)
    for site in network.sites:
        say(network, site, [str(row["record_id"]) for row in made.sites[site]], Provision.PERMIT)
    network.share_secret()
    for site in network.sites:
        assert network.submit(site)["new"] > 0
    return network


def say(network: Network, site: str, records: list[str], provision: Provision) -> None:
    center = network.sites[site]
    brought = [BroughtStatement(record, "use", provision, SINCE, None) for record in records]
    center.work.run(
        lambda tx: import_consents(center, tx, OPERATOR, source=site, statements=brought)
    )


def ask(network: Network) -> frozenset[IdentityId]:
    return ask_permissions(network.bund, network.client(network.bund), project_name=PROJECT)


def test_as_long_as_all_permit_nobody_is_left_out(network: Network) -> None:
    assert ask(network) == frozenset()


def test_who_withdrew_at_a_site_is_named_and_nobody_else(network: Network) -> None:
    network.clock.skip(hours=1)
    say(network, "sued", ["SUED-000001"], Provision.DENY)
    (withdrawn,) = ask(network)
    with network.bund.work.begin(write=False) as tx:
        (identity,) = tx.identities.get([withdrawn]).values()
    assert identity.source == "sued"


def test_a_site_that_does_not_answer_stops_it(network: Network) -> None:
    network.wires = Wires(network.bund, network.sites["nord"])
    with pytest.raises(PeerUnreachable):
        ask(network)


class Liar:
    """A site that answers about a submission nobody asked for."""

    def ask(
        self, peer: Peer, path: FederationPath, payload: object, *, key: SigningKey | None = None
    ) -> dict[str, Any]:
        del peer, path, payload, key
        return {"refused": ["something else"]}

    def statements(self, peer: Peer) -> list[object]:
        del peer
        return []


def test_an_answer_about_something_else_is_rejected(network: Network) -> None:
    with pytest.raises(PeerAnswerRejected):
        ask_permissions(network.bund, Liar(), project_name=PROJECT)


def test_only_the_linking_center_may_ask_and_the_unknown_is_refused(network: Network) -> None:
    nord = network.sites["nord"]

    def answer(asking: str) -> list[str]:
        actor = peer_actor(CenterName(asking))
        return nord.work.run(
            lambda tx: answer_permissions(
                nord, tx, actor, project_name=PROJECT, submissions=[str(UUID(int=1))]
            )
        )

    assert answer("bund") == [str(UUID(int=1))]
    with pytest.raises(NotAllowed):
        answer("sued")
