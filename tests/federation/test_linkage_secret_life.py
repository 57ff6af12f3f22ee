"""A linkage secret is drawn anew when asked for, never mixed with its predecessor, and gone when its project is."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.keyring import KeyState, Purpose
from tests.federation.network import PROJECT, Network
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.linkage_secrets import keyring_domain
from ttp.services.projects.end_linkage_secrets import destroy_ended_secrets
from ttp.services.projects.hold_linkage_secret import newest_secret, secret_material
from ttp.services.projects.propose_project import end_project
from ttp.services.projects.send_linkage_secret import send_linkage_secret


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


def states(center: Center) -> list[KeyState]:
    infos = center.keyring.versions(Purpose.LINKAGE, keyring_domain(PROJECT))
    return [info.state for info in infos]


def rotate(network: Network) -> None:
    nord = network.sites["nord"]
    send_linkage_secret(nord, network.client(nord), OPERATOR, project_name=PROJECT, anew=True)


def test_encodings_under_two_secrets_are_never_compared(network: Network) -> None:
    network.populate(20)
    for site in network.sites:
        network.submit(site)
    network.run()
    rotate(network)
    network.submit("nord")
    with pytest.raises(TTPError) as waiting:
        network.run()
    assert waiting.value.code == "nothing-to-link"
    network.submit("sued")
    assert network.run()["records"] > 0


def test_a_site_that_stayed_with_the_old_secret_is_refused(network: Network) -> None:
    network.populate(10)
    network.wires.cut.add("sued.example")
    rotate(network)
    network.wires.cut.clear()
    network.submit("nord")
    with pytest.raises(TTPError) as refused:
        network.submit("sued")
    assert refused.value.facts["peer_code"] == "secret-outdated"


@pytest.mark.parametrize("how", ["ended", "expired"])
def test_the_secrets_of_a_project_that_is_over_are_destroyed_everywhere(
    how: str, network: Network
) -> None:
    rotate(network)
    for center in network.centers:
        assert destroy_ended_secrets(center) == 0
    if how == "expired":
        network.clock.skip(days=366)
    for site in network.sites.values():
        if how == "ended":
            site.work.run(lambda tx, at=site: end_project(at, tx, OPERATOR, name=PROJECT))  # type: ignore[misc] # a default binds the value
        assert destroy_ended_secrets(site) == 1
        assert destroy_ended_secrets(site) == 0
        assert set(states(site)) == {KeyState.DESTROYED}
        project = site.work.run(lambda tx: tx.projects.get(PROJECT), write=False)
        known = site.work.run(lambda tx, of=project: newest_secret(tx, of), write=False)  # type: ignore[misc] # a default binds the value
        with pytest.raises(TTPError, match="destroyed here"):
            secret_material(site, known)
        (leaf,) = [
            one.body
            for one in site.work.run(lambda tx: tx.audit.unsequenced(500), write=False)
            if b"secret.destroyed" in one.body
        ]
        assert b'"versions":2' in leaf
