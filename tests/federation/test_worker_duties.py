"""The worker keeps tasks, co-signatures, nonces and the trust file going, and rests where nothing waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.federation.network import PROJECT, Network
from tests.simulator import SimulatedTrustCenter, pin
from ttp.core.access import OPERATOR
from ttp.core.audit_trust import AuditTrust
from ttp.core.tasks import TaskKind, TaskState
from ttp.initializing import write_trust
from ttp.services.peers.trust_peer import revoke_peer
from ttp.services.work.run_task import request_task
from ttp.worker import DUTIES


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.ready(tmp_path)


def test_every_duty_of_federation_is_done_by_the_worker() -> None:
    assert {"tasks", "cosignatures", "nonces", "trust"} <= {duty.name for duty in DUTIES}


def test_duties_rest_where_nothing_waits(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTP_HOME", str(tmp_path / "nord"))
    nord = network.sites["nord"]
    for duty in DUTIES:
        if duty.name in {"tasks", "nonces", "trust"}:
            duty.act(nord, "test")
            assert duty.act(nord, "test") == 0


def test_the_worker_takes_up_what_was_asked_for(network: Network) -> None:
    bund = network.bund
    request_task(bund, OPERATOR, kind=TaskKind.LINKAGE_RUN, project_name=PROJECT)
    (tasks,) = [duty for duty in DUTIES if duty.name == "tasks"]
    assert tasks.act(bund, "test") == 1
    (task,) = bund.work.run(lambda tx: tx.tasks.of_project(PROJECT), write=False)
    assert (task.state, task.error) == (TaskState.FAILED, "nothing-to-link")


def test_trusted_witnesses_appear_in_the_trust_file_and_revoked_ones_do_not(
    network: Network, tmp_path: Path
) -> None:
    nord, home = network.sites["nord"], tmp_path / "nord"
    write_trust(home, nord)
    pin(nord, SimulatedTrustCenter("west").card(), witness=False)
    pin(nord, SimulatedTrustCenter("ost").card())
    assert write_trust(home, nord)
    assert not write_trust(home, nord)
    assert _witnesses(home) == {"bund", "ost", "sued"}
    nord.work.run(lambda tx: revoke_peer(nord, tx, OPERATOR, name="ost"))
    write_trust(home, nord)
    assert _witnesses(home) == {"bund", "sued"}
    trust = AuditTrust.from_document(json.loads((home / "trust.json").read_text("utf-8")))
    assert {one.name for one in trust.witnesses} == {"treuhandstelle/bund", "treuhandstelle/sued"}


def _witnesses(home: Path) -> set[str]:
    document = json.loads((home / "trust.json").read_text("utf-8"))
    return {entry["name"] for entry in document["witnesses"]}
