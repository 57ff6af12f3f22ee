"""What could not be announced is tried again, no longer than it helps, and in nobody's way; the doctor tells of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE
from tests.cli.running import run
from tests.federation.network import PROJECT, Network
from tests.federation.test_announced_secrets import announce, leaves
from ttp.core.access import OPERATOR
from ttp.core.linkage_secrets import Canaries
from ttp.core.names import CenterName, ProjectName
from ttp.services.projects.announce_linkage_secret import announce_waiting_secrets
from ttp.services.projects.send_linkage_secret import send_linkage_secret


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


def pin_another(network: Network, version: int) -> None:
    """What a site of an earlier release showed at the linking center under a version."""
    shown = Canaries(ProjectName(PROJECT), version, CenterName("sued"), "0" * 64, bytes(256))
    at = network.clock.now()
    network.bund.work.run(lambda tx: tx.secrets.pin_canaries(shown, at=at))


def asked(network: Network, host: str = "bund.example") -> int:
    """How often a center was asked since the last time this was called."""
    sent, network.wires.sent = network.wires.sent, []
    return sum(one.url.host == host for one in sent)


def doctor(home: Path) -> str:
    """What the doctor says of a center of the network."""
    home.with_name(f"{home.name}.unlock").write_bytes(PASSPHRASE)
    return str(run(home, "doctor").stdout)


def test_a_version_refused_for_good_is_let_go_once_a_newer_one_is_announced(
    network: Network,
) -> None:
    pin_another(network, 2)
    assert network.share_secret(anew=True).announced == "secret-differs"
    assert network.share_secret(anew=True).announced is None
    asked(network)
    assert announce(network) == 0
    assert asked(network) == 0


def test_what_waits_is_announced_in_the_order_of_its_versions(network: Network) -> None:
    network.wires.cut.add("bund.example")
    network.share_secret(anew=True)
    network.share_secret(anew=True)
    network.wires.cut.clear()
    assert announce(network) == 2
    known = network.bund.work.run(lambda tx: tx.secrets.shown(PROJECT), write=False)
    assert {version for version, one in known.items() if one.announced} == {1, 2, 3}


def test_a_center_that_is_away_is_asked_once_a_round_however_many_projects_it_links(
    network: Network,
) -> None:
    nord, name = network.sites["nord"], ProjectName("neuro")
    network.approve(replace(network.terms(), name=name))
    network.wires.cut.add("bund.example")
    network.share_secret(anew=True)
    client = network.client(nord)
    send_linkage_secret(nord, client, OPERATOR, project_name=name)
    asked(network)
    assert announce(network) == 0
    assert asked(network) == 4  # the tries of one request
    network.wires.cut.clear()
    assert announce(network) == 2


def test_the_worker_announces_nothing_that_is_still_being_sent(network: Network) -> None:
    nord = network.sites["nord"]
    heard = []

    def between(_stage: str, _done: int, _total: int) -> None:
        assert announce_waiting_secrets(nord, network.client(nord)) == 0
        heard.append(leaves(network.bund, "secret.announced"))

    sent = send_linkage_secret(
        nord, network.client(nord), OPERATOR, project_name=PROJECT, anew=True, progress=between
    )
    assert heard == [1]
    assert sent.announced is None


def test_the_doctor_names_projects_whose_linking_center_has_not_heard(
    network: Network, tmp_path: Path
) -> None:
    assert "heard of every linkage secret" in doctor(tmp_path / "nord")
    pin_another(network, 2)
    network.share_secret(anew=True)
    told = doctor(tmp_path / "nord")
    assert f"not heard of the newest linkage secret of: {PROJECT}" in told
    assert "heard of every linkage secret" in doctor(tmp_path / "sued")
    network.share_secret(anew=True)
    assert "heard of every linkage secret" in doctor(tmp_path / "nord")
