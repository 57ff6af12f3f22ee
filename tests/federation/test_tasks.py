"""Tasks: asked for over the API or by people, done by a worker, once at a time, their end on record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import bearer, make_http, make_key
from tests.federation.network import PROJECT, Network
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.errors import NotAllowed
from ttp.core.federation import WrongRole
from ttp.core.names import ProjectName
from ttp.core.tasks import LOST_AFTER, Task, TaskKind, TaskRunning, TaskState, UnknownTask
from ttp.services.work.run_task import do_task, request_task, run_waiting_task

API = f"/api/v1/projects/{PROJECT}"


@pytest.fixture
def network(tmp_path: Path) -> Network:
    network = Network.ready(tmp_path)
    network.populate(20)
    return network


def test_a_pipeline_submits_over_the_api_and_follows_the_task(network: Network) -> None:
    nord = network.sites["nord"]
    http, key = make_http(nord), bearer(make_key(nord))
    asked = http.post(f"{API}/submissions", headers=key)
    assert asked.status_code == 202
    location = asked.headers["Location"]
    assert http.get(location, headers=key).get_json()["state"] == "waiting"
    assert run_waiting_task(nord, network.client(nord)) == 1
    done = http.get(location, headers=key).get_json()
    assert (done["state"], done["error"]) == ("done", None)
    assert done["counts"]["new"] == 20
    listed = http.get(f"{API}/tasks", headers=key).get_json()["tasks"]
    assert [one["id"] for one in listed] == [done["id"]]
    assert http.get(f"/api/v1/projects/other/tasks/{done['id']}", headers=key).status_code == 404


def test_the_linking_center_links_and_sites_fetch_over_the_api(network: Network) -> None:
    network.submit("nord")
    network.submit("sued")
    bund, nord = network.bund, network.sites["nord"]
    linked = make_http(bund).post(f"{API}/linkage-runs", headers=bearer(make_key(bund)))
    assert linked.status_code == 202
    assert run_waiting_task(bund, network.client(bund)) == 1
    key = bearer(make_key(nord))
    assert make_http(nord).post(f"{API}/project-pseudonyms", headers=key).status_code == 202
    run_waiting_task(nord, network.client(nord))
    (task,) = nord.work.run(
        lambda tx: tx.tasks.of_project(PROJECT, kind=TaskKind.PSEUDONYMS), write=False
    )
    assert task.counts["members"] == 20


def test_who_may_start_what_where(network: Network) -> None:
    nord, bund = network.sites["nord"], network.bund
    http = make_http(nord)
    assert http.post(f"{API}/submissions").status_code == 401
    site = bearer(make_key(nord, name="reader", role=Role.SITE))
    assert http.post(f"{API}/submissions", headers=site).status_code == 403
    key = bearer(make_key(nord))
    refused = http.post(f"{API}/linkage-runs", headers=key)
    assert (refused.status_code, (refused.get_json() or {})["code"]) == (403, "wrong-role")
    with pytest.raises(WrongRole):
        request_task(bund, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT)
    clerk = Actor(ActorKind.STAFF, "clara", Role.CLERK, domains=None)
    with pytest.raises(NotAllowed):
        request_task(nord, clerk, kind=TaskKind.SUBMISSION, project_name=PROJECT)


def test_one_task_of_a_kind_at_a_time(network: Network) -> None:
    nord = network.sites["nord"]
    request_task(nord, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT)
    with pytest.raises(TaskRunning):
        request_task(nord, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT)
    request_task(nord, OPERATOR, kind=TaskKind.PSEUDONYMS, project_name=PROJECT)


def test_a_failed_task_keeps_its_code_and_may_be_asked_for_again(network: Network) -> None:
    nord = network.sites["nord"]
    network.wires.cut.add("bund.example")
    request_task(nord, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT)
    assert run_waiting_task(nord, network.client(nord)) == 1
    (task,) = nord.work.run(lambda tx: tx.tasks.of_project(PROJECT), write=False)
    assert (task.state, task.error) == (TaskState.FAILED, "peer-unreachable")
    network.wires.cut.clear()
    client = network.client(nord)
    counts = do_task(nord, client, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT)
    assert counts["new"] == 20


def test_progress_is_seen_while_a_task_runs(network: Network) -> None:
    nord = network.sites["nord"]
    seen: list[str] = []
    do_task(
        nord,
        network.client(nord),
        OPERATOR,
        kind=TaskKind.SUBMISSION,
        project_name=PROJECT,
        progress=lambda stage, done, total: seen.append(stage) if done == total else None,
    )
    assert list(dict.fromkeys(seen)) == ["pseudonyms", "encode", "submit"]


def test_a_task_whose_worker_is_lost_is_taken_up_again(tmp_path: Path, database_url: str) -> None:
    network = Network(tmp_path, database_url)
    network.approve()
    bund = network.bund
    request_task(bund, OPERATOR, kind=TaskKind.LINKAGE_RUN, project_name=PROJECT)

    def take() -> Task | None:
        return bund.work.run(lambda tx: tx.tasks.take(now=network.clock.now()))

    assert take() is not None
    assert take() is None
    network.clock.skip(seconds=(LOST_AFTER + timedelta(seconds=1)).total_seconds())
    assert take() is not None


def test_there_is_nothing_to_do_where_nothing_waits(network: Network) -> None:
    nord = network.sites["nord"]
    assert run_waiting_task(nord, network.client(nord)) == 0
    with pytest.raises(UnknownTask):
        nord.work.run(lambda tx: tx.tasks.get(nord.new_id()))
    assert nord.work.run(lambda tx: tx.tasks.of_project(ProjectName("other"))) == []
