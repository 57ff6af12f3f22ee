"""Manage tasks: see them, stop one, and go on with one that stopped. What a stopped task had finished stays."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.tasks import Task, TaskFilter, TaskKind, TaskState
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.matching.learn_model import request_learning
from ttp.services.persons.rematch_stock import request_rematching
from ttp.services.work.run_task import request_task

PAGE = 25


def list_tasks(
    tx: Transaction, actor: Actor, chosen: TaskFilter, *, before: UUID | None = None
) -> list[Task]:
    """A page of 25 tasks of the projects this actor sees, newest first.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require(Right.READ_PROJECT)
    return tx.tasks.page(replace(chosen, projects=actor.projects), before=before, limit=PAGE)


def cancel_task(center: Center, tx: Transaction, actor: Actor, *, task_id: UUID) -> None:
    """Stop a task that waits or runs; a worker at it notices at its next report, half a second later at most.

    Raises:
        NotAllowed, UnknownTask, TaskEnded: and nothing is changed.
    """
    task = tx.tasks.get(task_id)
    actor.require(Right.LINK, project=task.project)
    tx.tasks.cancel(task_id, now=center.clock.now())
    facts = {"project": task.project, "kind": task.kind.value, "task": str(task_id)}
    record_leaf(center, tx, actor, Act(EventKind.TASK_CANCELED, facts=facts))


def resume_task(center: Center, actor: Actor, *, task_id: UUID) -> Task:
    """Ask again for what a task was to do; what is done already is not done twice.

    Raises:
        NotAllowed, UnknownTask, WrongRole, ProjectNotActive, TaskRunning: and nothing is changed.
    """
    task = center.work.run(lambda tx: tx.tasks.get(task_id), write=False)
    if task.kind is TaskKind.DEDUPLICATION:
        after = 0 if task.state is TaskState.DONE else task.done
        return center.work.run(lambda tx: request_rematching(center, tx, actor, after=after))
    if task.kind is TaskKind.MATCHING_MODEL:
        return center.work.run(lambda tx: request_learning(center, tx, actor))
    return request_task(center, actor, kind=task.kind, project_name=task.project)
