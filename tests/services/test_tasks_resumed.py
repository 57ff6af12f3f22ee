"""Tasks resumed: whatever stopped goes on, also what is about the center's own stock and no project."""

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.services.patients import patient, register
from ttp.connecting import connect
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.tasks import Task, TaskKind, TaskState
from ttp.services.matching.learn_model import request_learning
from ttp.services.persons.rematch_stock import request_rematching
from ttp.services.work.manage_tasks import cancel_task, resume_task
from ttp.services.work.run_task import run_waiting_task

STEWARD = Actor(ActorKind.STAFF, "stefan", Role.STEWARD, domains=None)


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path)
    register(made, *map(patient, range(6)))
    return made


def stopped(center: Center, task: Task) -> Task:
    center.work.run(lambda tx: cancel_task(center, tx, STEWARD, task_id=task.id))
    return center.work.run(lambda tx: tx.tasks.get(task.id), write=False)


def test_matching_the_stock_goes_on_behind_the_last_block(center: Center) -> None:
    asked = center.work.run(lambda tx: request_rematching(center, tx, STEWARD))
    now = center.clock.now()
    center.work.run(lambda tx: tx.tasks.start(asked.id, now=now))
    center.work.run(lambda tx: tx.tasks.report(asked.id, stage="m", done=4, total=6, now=now))
    again = resume_task(center, STEWARD, task_id=stopped(center, asked).id)
    assert (again.kind, again.done) == (TaskKind.DEDUPLICATION, 4)
    assert run_waiting_task(center, connect(center)) == 1
    done = center.work.run(lambda tx: tx.tasks.get(again.id), write=False)
    assert (done.state, done.counts["records"]) == (TaskState.DONE, 2)


def test_learning_goes_on(center: Center) -> None:
    asked = center.work.run(lambda tx: request_learning(center, tx, STEWARD))
    again = resume_task(center, STEWARD, task_id=stopped(center, asked).id)
    assert (again.kind, again.state) == (TaskKind.MATCHING_MODEL, TaskState.WAITING)
