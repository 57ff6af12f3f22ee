"""Only what the secret holder announced counts: no site locks others out by a version or commitment of its own."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from keys.keyring import Purpose
from tests.federation.network import PROJECT, Network
from tests.federation.test_submissions import batch_of, receive
from tests.simulator import Wires
from ttp.core.access import OPERATOR, peer_actor
from ttp.core.canaries import CanaryMismatch
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.federation import FederationPath, WrongRole
from ttp.core.linkage_secrets import (
    NotSecretHolder,
    SecretDiffers,
    SecretNotAnnounced,
    SecretOutdated,
    keyring_domain,
)
from ttp.core.names import CenterName
from ttp.core.projects import ProjectNotActive
from ttp.core.submissions import SchemaDiffers, SubmissionRejected
from ttp.services.projects.announce_linkage_secret import HEAD_START, announce_waiting_secrets
from ttp.services.projects.hear_linkage_secret import Announcement, hear_linkage_secret
from ttp.services.projects.propose_project import end_project
from ttp.worker import DUTIES


class DeafWires(Wires):
    """A network whose centers know no announcements, as programs did not before there were any."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver announcements where there is nothing."""
        if request.url.path == FederationPath.ANNOUNCEMENTS:
            request.url = request.url.copy_with(path="/api/v1/federation/unknown")
        return super().handle_request(request)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


@pytest.fixture
def untold(tmp_path: Path) -> Network:
    """A network whose sites share a secret of which the linking center has not heard."""
    network = Network.ready(tmp_path, secret=False)
    hearing, network.wires = network.wires, DeafWires(*network.centers)
    sent = network.share_secret()
    assert (sent.sites, sent.linker, sent.announced) == (
        {"sued": None},
        "bund",
        "peer-answer-rejected",
    )
    network.wires = hearing
    return network


def announcement(network: Network, **otherwise: Any) -> Announcement:
    """What the holder says of its newest secret, unless spoiled."""
    batch = batch_of(network, "nord")
    heard = Announcement(
        PROJECT,
        batch.schema_fingerprint,
        batch.secret_version,
        batch.commitment,
        batch.canaries,
    )
    return replace(heard, **otherwise)


def hear(network: Network, heard: Announcement, sender: str = "nord", at: str = "bund") -> None:
    """Let a center hear an announcement."""
    center = network.bund if at == "bund" else network.sites[at]
    actor = peer_actor(CenterName(sender))
    center.work.run(lambda tx: hear_linkage_secret(center, tx, actor, heard))


def announce(network: Network) -> int:
    """What the worker of the holder does when sites have had time to get the secret."""
    nord = network.sites["nord"]
    network.clock.skip(seconds=HEAD_START.total_seconds())
    return announce_waiting_secrets(nord, network.client(nord))


def leaves(center: Center, kind: str) -> int:
    """How many leaves of a kind wait to be sequenced."""
    waiting = center.work.run(lambda tx: tx.audit.unsequenced(5000), write=False)
    return sum(f'"{kind}"'.encode() in leaf.body for leaf in waiting)


def refused(network: Network, site: str) -> str:
    """The code with which the linking center refuses a submission."""
    with pytest.raises(TTPError) as answer:
        network.submit(site)
    return str(answer.value.facts["peer_code"])


# what a site says of itself


@pytest.mark.parametrize("version", [2, 7, 2**31 - 1])
def test_a_site_that_names_a_version_of_its_own_locks_nobody_out(
    version: int, network: Network
) -> None:
    ahead = batch_of(network, "sued", "Anna", secret_version=version)
    with pytest.raises(SecretNotAnnounced) as unknown:
        receive(network, ahead, "sued")
    assert unknown.value.facts == {"newest": 1}
    assert receive(network, batch_of(network, "nord", "Anna"), "nord")["new"] == 1
    assert receive(network, batch_of(network, "sued", "Anna"), "sued")["new"] == 1


@pytest.mark.parametrize("spoiled", [{"commitment": "0" * 64}, {"canaries": bytes(256)}])
def test_a_site_that_comes_first_with_another_secret_hinders_only_itself(
    spoiled: dict[str, Any], network: Network
) -> None:
    with pytest.raises(CanaryMismatch) as wrong:
        receive(network, batch_of(network, "sued", "Anna", **spoiled), "sued")
    assert wrong.value.facts["compared_with"] == "nord"
    assert receive(network, batch_of(network, "nord", "Anna"), "nord")["new"] == 1
    assert receive(network, batch_of(network, "sued", "Anna"), "sued")["new"] == 1


def test_before_any_announcement_no_site_but_the_holder_may_submit(untold: Network) -> None:
    assert refused(untold, "sued") == "secret-not-announced"
    assert untold.submit("nord")["patients"] == 0
    assert untold.submit("sued")["patients"] == 0


# what the holder says


def test_an_announcement_shows_what_sites_show_and_nothing_of_the_secret(network: Network) -> None:
    network.share_secret()
    (request,) = [one for one in network.wires.sent if one.url.host == "bund.example"]
    said = orjson.loads(request.content)
    batch = batch_of(network, "sued")
    assert base64.b64decode(said.pop("canaries")) == batch.canaries
    assert said == {
        "project": PROJECT,
        "version": 1,
        "schema_fingerprint": batch.schema_fingerprint,
        "commitment": batch.commitment,
    }
    secret = network.sites["nord"].keyring.active(Purpose.LINKAGE, keyring_domain(PROJECT)).secret
    for form in (secret, base64.b64encode(secret)[:40], secret.hex().encode()):
        assert form not in request.content


def test_an_announcement_repeated_changes_nothing(network: Network) -> None:
    nord = network.sites["nord"]
    before = leaves(network.bund, "secret.announced"), leaves(nord, "secret.announced")
    assert before == (1, 1)
    assert network.share_secret().announced is None
    hear(network, announcement(network))
    assert (leaves(network.bund, "secret.announced"), leaves(nord, "secret.announced")) == before


def test_a_rotation_takes_effect_when_it_is_announced(network: Network) -> None:
    old = batch_of(network, "sued", "Anna")
    network.share_secret(anew=True)
    with pytest.raises(SecretOutdated) as outdated:
        receive(network, old, "sued")
    assert outdated.value.facts == {"newest": 2}
    assert receive(network, batch_of(network, "sued", "Anna"), "sued")["new"] == 1


def test_only_the_secret_holder_announces_and_only_where_the_project_is_linked(
    network: Network,
) -> None:
    heard = announcement(network)
    with pytest.raises(NotSecretHolder):
        hear(network, heard, sender="sued")
    with pytest.raises(WrongRole):
        hear(network, heard, at="sued")
    with pytest.raises(TTPError, match="unknown-project"):
        hear(network, replace(heard, project="other"))
    network.clock.skip(days=366)
    with pytest.raises(ProjectNotActive):
        hear(network, heard)


@pytest.mark.parametrize(
    ("defect", "spoiled", "error"),
    [
        ("another secret under a version that stands", {"commitment": "0" * 64}, SecretDiffers),
        ("the same secret used otherwise", {"canaries": bytes(256)}, CanaryMismatch),
        ("another schema", {"schema_fingerprint": "sha256:0"}, SchemaDiffers),
        ("no version", {"version": 0}, SubmissionRejected),
        ("a version that no database holds", {"version": 2**31}, SubmissionRejected),
        ("a canary too few", {"version": 2, "canaries": bytes(240)}, SubmissionRejected),
        ("half a commitment", {"version": 2, "commitment": "0" * 32}, SubmissionRejected),
    ],
)
def test_an_announcement_that_cannot_be_believed_changes_nothing(
    defect: str, spoiled: dict[str, Any], error: type[TTPError], network: Network
) -> None:
    with pytest.raises(error):
        hear(network, announcement(network, **spoiled))
    assert receive(network, batch_of(network, "sued", "Anna"), "sued")["new"] == 1, defect


# a linking center that is away, and programs that know no announcements


def test_what_could_not_be_announced_is_announced_by_the_worker(network: Network) -> None:
    network.wires.cut.add("bund.example")
    assert network.share_secret(anew=True).announced == "peer-unreachable"
    assert announce(network) == 0
    network.wires.cut.clear()
    assert refused(network, "sued") == "secret-not-announced"
    (duty,) = [duty for duty in DUTIES if duty.name == "linkage secrets"]
    assert duty.act(network.sites["sued"], "test") == 0
    assert (announce(network), announce(network)) == (1, 0)
    assert network.submit("sued")["patients"] == 0


def test_the_submission_of_the_holder_announces_what_it_could_not_announce(
    network: Network,
) -> None:
    network.wires.cut.add("bund.example")
    network.share_secret(anew=True)
    network.wires.cut.clear()
    network.submit("nord")
    assert leaves(network.bund, "secret.announced") == 2
    network.submit("sued")


def test_a_holder_goes_on_telling_a_center_that_does_not_hear_yet(untold: Network) -> None:
    hearing, untold.wires = untold.wires, DeafWires(*untold.centers)
    assert announce(untold) == 0
    untold.wires = hearing
    assert announce(untold) == 1
    assert untold.submit("sued")["patients"] == 0


def test_secrets_of_projects_that_are_over_are_not_announced(untold: Network) -> None:
    nord = untold.sites["nord"]
    nord.work.run(lambda tx: end_project(nord, tx, OPERATOR, name=PROJECT))
    assert announce(untold) == 0
    assert not any(one.url.host == "bund.example" for one in untold.wires.sent)
