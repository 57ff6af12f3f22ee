"""The linkage secret reaches the centers that encode, sealed, and never the one that links."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keys.keyring import Purpose
from keys.randomness import random_secret
from keys.recipients import seal_to
from tests.federation.network import PROJECT, Network
from ttp.core.access import OPERATOR, Actor, ActorKind, Role, peer_actor
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.federation import FederationPath, WrongRole
from ttp.core.linkage_secrets import (
    NotSecretHolder,
    SecretDiffers,
    SecretForbidden,
    SecretRejected,
    keyring_domain,
    sealing_context,
)
from ttp.core.names import CenterName
from ttp.core.projects import ProjectNotActive
from ttp.services.peers.describe_trust import transport_key
from ttp.services.projects.hold_linkage_secret import (
    commitment_to,
    draw_linkage_secret,
    receive_linkage_secret,
)

DOMAIN = keyring_domain(PROJECT)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path, secret=False)


def holds(center: Center) -> bool:
    """Whether a keyring has anything for linkage."""
    return any(info.purpose is Purpose.LINKAGE for info in center.keyring.all_versions())


def deliver(
    network: Network, to: Center, secret: bytes, *, sender: str = "nord", **otherwise: Any
) -> object:
    """Deliver a secret as if a peer had sent it; ``otherwise`` spoils it."""
    version = 1
    context = sealing_context(sender=sender, recipient=to.name, project=PROJECT, version=version)
    project = to.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
    sent: dict[str, Any] = {
        "project_name": PROJECT,
        "version": version,
        "schema_fingerprint": project.terms.schema_fingerprint,
        "commitment": commitment_to(secret, project),
        "sealed": seal_to(transport_key(to).public, secret, context=context),
        **otherwise,
    }
    actor = peer_actor(CenterName(sender))
    return to.work.run(lambda tx: receive_linkage_secret(to, tx, actor, **sent))


def test_all_encoding_centers_end_up_with_one_secret(network: Network) -> None:
    assert network.share_secret().sites == {"sued": None}
    nord, sued = (network.sites[name].keyring for name in ("nord", "sued"))
    assert (
        nord.active(Purpose.LINKAGE, DOMAIN).secret == sued.active(Purpose.LINKAGE, DOMAIN).secret
    )
    described = [
        site.work.run(lambda tx: tx.secrets.newest(PROJECT), write=False)
        for site in network.sites.values()
    ]
    assert described[0] is not None
    assert described[1] is not None
    assert described[0].commitment == described[1].commitment


@pytest.mark.parametrize("version", [0, 2**31, 2**53 - 1])
def test_a_version_that_no_database_holds_is_refused(network: Network, version: int) -> None:
    sued, secret = network.sites["sued"], random_secret()
    context = sealing_context(sender="nord", recipient=sued.name, project=PROJECT, version=version)
    sealed = seal_to(transport_key(sued).public, secret, context=context)
    with pytest.raises(SecretRejected):
        deliver(network, sued, secret, version=version, sealed=sealed)
    assert not holds(sued)


def test_sending_again_changes_nothing(network: Network) -> None:
    network.share_secret()
    before = network.sites["sued"].keyring.generation()
    assert network.share_secret().sites == {"sued": None}
    assert network.sites["sued"].keyring.generation() == before


def test_the_secret_travels_only_sealed(network: Network) -> None:
    network.share_secret()
    secret = network.sites["nord"].keyring.active(Purpose.LINKAGE, DOMAIN).secret
    for request in network.wires.sent:
        content = request.content
        for form in (secret, base64.b64encode(secret)[:40], secret.hex().encode()):
            assert form not in content


def test_the_linking_center_refuses_to_import_the_secret_of_a_project_it_links(
    network: Network,
) -> None:
    embedded = replace(network.bund, role=network.bund.role.EMBEDDED)
    with pytest.raises(SecretForbidden):
        deliver(network, embedded, random_secret())
    with pytest.raises(WrongRole):
        deliver(network, network.bund, random_secret())
    assert not holds(network.bund)


def test_the_secret_holder_does_not_seal_it_for_the_linking_center(network: Network) -> None:
    network.share_secret()
    told = [request for request in network.wires.sent if "bund" in str(request.url)]
    assert [request.url.path for request in told] == [FederationPath.ANNOUNCEMENTS]
    assert b"sealed" not in told[0].content
    assert not holds(network.bund)


def test_only_the_secret_holder_draws_and_sends(network: Network) -> None:
    sued = network.sites["sued"]
    with pytest.raises(NotSecretHolder):
        sued.work.run(lambda tx: draw_linkage_secret(sued, tx, OPERATOR, project_name=PROJECT))
    with pytest.raises(NotSecretHolder):
        deliver(network, network.sites["nord"], random_secret(), sender="sued")
    assert not holds(sued)


def test_drawing_needs_the_right_to_link(network: Network) -> None:
    clerk = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
    nord = network.sites["nord"]
    with pytest.raises(NotAllowed):
        nord.work.run(lambda tx: draw_linkage_secret(nord, tx, clerk, project_name=PROJECT))


@pytest.mark.parametrize(
    ("defect", "spoiled"),
    [
        ("commitment of another secret", {"commitment": "0" * 64}),
        ("another schema", {"schema_fingerprint": "sha256:" + "0" * 64}),
        ("another version than it was sealed for", {"version": 2}),
        ("nothing sealed at all", {"sealed": b""}),
    ],
)
def test_a_secret_that_is_not_what_it_claims_is_refused(
    defect: str, spoiled: dict[str, Any], network: Network
) -> None:
    with pytest.raises(SecretRejected):
        deliver(network, network.sites["sued"], random_secret(), **spoiled)
    assert not holds(network.sites["sued"]), defect


def test_a_secret_sealed_for_another_center_does_not_open(network: Network) -> None:
    nord = transport_key(network.sites["nord"]).public
    context = sealing_context(sender="nord", recipient="sued", project=PROJECT, version=1)
    sealed = seal_to(nord, random_secret(), context=context)
    with pytest.raises(SecretRejected):
        deliver(network, network.sites["sued"], random_secret(), sealed=sealed)


def test_another_secret_under_the_same_version_is_refused(network: Network) -> None:
    network.share_secret()
    with pytest.raises(SecretDiffers):
        deliver(network, network.sites["sued"], random_secret())


def test_no_secret_without_an_active_project(network: Network) -> None:
    network.clock.skip(days=366)
    nord = network.sites["nord"]
    with pytest.raises(ProjectNotActive):
        nord.work.run(lambda tx: draw_linkage_secret(nord, tx, OPERATOR, project_name=PROJECT))


def test_a_site_that_cannot_be_reached_is_named(network: Network) -> None:
    network.wires.cut.add("sued.example")
    assert network.share_secret().sites == {"sued": "peer-unreachable"}


def test_the_path_of_secrets_is_closed_at_a_federated_center(network: Network) -> None:
    nord = network.sites["nord"]
    peer = nord.work.run(lambda tx: tx.peers.get("bund"), write=False)
    payload = {
        "project": PROJECT,
        "version": 1,
        "schema_fingerprint": "x",
        "commitment": "0" * 64,
        "sealed": "",
    }
    with pytest.raises(Exception, match="refused") as refused:
        network.client(nord).ask(peer, FederationPath.SECRETS, payload)
    assert getattr(refused.value, "facts", {})["peer_code"] == "wrong-role"
