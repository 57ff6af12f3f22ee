"""Jobs: listed, filtered, stopped and gone on with; a worker notices that its job was stopped."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.federation.network import PROJECT, Network
from tests.pages.people import Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.names import ProjectName
from ttp.core.tasks import Task, TaskCanceled, TaskEnded, TaskFilter, TaskKind, TaskState
from ttp.services.work.manage_tasks import cancel_task
from ttp.services.work.run_task import request_task, run_waiting_task


@pytest.fixture
def network(tmp_path: Path) -> Network:
    network = Network.ready(tmp_path)
    network.populate(5)
    return network


@pytest.fixture
def nord(network: Network) -> Center:
    center = network.sites["nord"]
    for role in (Role.STEWARD, Role.CLERK):
        make_person(center, role)
    return center


def _ask(center: Center) -> UUID:
    return request_task(center, OPERATOR, kind=TaskKind.SUBMISSION, project_name=PROJECT).id


def _state(center: Center, task: UUID) -> TaskState:
    return center.work.run(lambda tx: tx.tasks.get(task), write=False).state


def test_a_stopped_job_is_not_taken_up_and_goes_on_when_asked(
    network: Network, nord: Center
) -> None:
    task, steward = _ask(nord), Browser(nord, "steward")
    assert "wartet" in steward.get("/jobs").text
    assert 'hx-trigger="every 2s"' in steward.get("/jobs").text
    steward.post(f"/jobs/{task}/cancel")
    assert _state(nord, task) is TaskState.CANCELED
    assert run_waiting_task(nord, network.client(nord)) == 0
    assert 'hx-trigger="every 2s"' not in steward.get("/jobs", state="canceled").text
    steward.post(f"/jobs/{task}/resume")
    assert run_waiting_task(nord, network.client(nord)) == 1
    assert "fertig" in steward.get("/jobs", state="done", kind="submission").text


def test_a_clerk_sees_jobs_and_stops_none(nord: Center) -> None:
    task, clerk = _ask(nord), Browser(nord, "clerk")
    page = clerk.get("/jobs").text
    assert "Einreichung" in page
    assert f"/jobs/{task}/cancel" not in page
    assert clerk.post(f"/jobs/{task}/cancel").status_code == 403


def test_who_works_at_a_stopped_job_is_told_and_its_end_stays(nord: Center) -> None:
    task, now = _ask(nord), nord.clock.now()
    nord.work.run(lambda tx: tx.tasks.start(task, now=now))
    nord.work.run(lambda tx: cancel_task(nord, tx, OPERATOR, task_id=task))
    with pytest.raises(TaskCanceled):
        nord.work.run(lambda tx: tx.tasks.report(task, stage="x", done=1, total=2, now=now))
    nord.work.run(lambda tx: tx.tasks.end(task, counts={}, error=None, now=now))
    assert _state(nord, task) is TaskState.CANCELED
    with pytest.raises(TaskEnded):
        nord.work.run(lambda tx: cancel_task(nord, tx, OPERATOR, task_id=task))


def test_jobs_of_other_projects_are_not_listed(nord: Center) -> None:
    _ask(nord)
    other = TaskFilter(projects=frozenset({"other"}))
    assert nord.work.run(lambda tx: tx.tasks.page(other), write=False) == []


def test_older_jobs_follow_on_the_next_page(nord: Center) -> None:
    def add(number: int) -> UUID:
        task = Task(
            nord.new_id(),
            TaskKind.LINKAGE_RUN,
            ProjectName(f"p{number}"),
            TaskState.DONE,
            "operator",
            nord.clock.now(),
        )
        nord.work.run(lambda tx: tx.tasks.add(task))
        return task.id

    made = sorted(add(number) for number in range(27))
    clerk = Browser(nord, "clerk")
    assert clerk.get("/jobs").text.count('scope="row"') == 25
    assert clerk.get("/jobs", before=str(made[2])).text.count('scope="row"') == 2
