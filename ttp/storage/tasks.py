"""Tasks in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from ttp.core.names import ProjectName
from ttp.core.tasks import (
    LOST_AFTER,
    Task,
    TaskCanceled,
    TaskEnded,
    TaskFilter,
    TaskKind,
    TaskRunning,
    TaskState,
    UnknownTask,
)
from ttp.storage.tables import task

_OPEN = (TaskState.WAITING.value, TaskState.RUNNING.value)


class SqlTaskStore:
    """Tasks of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Task) -> None:
        """Store a waiting task. Raises TaskRunning when one of its kind and project is not done."""
        same = select(task.c.id).where(
            task.c.kind == new.kind.value,
            task.c.project == new.project,
            task.c.state.in_(_OPEN),
        )
        if self._connection.execute(same.limit(1)).one_or_none() is not None:
            raise TaskRunning
        self._connection.execute(insert(task).values(**_columns(new)))

    def take(self, *, now: datetime) -> Task | None:
        """The oldest task that waits or whose worker is lost, marked as running."""
        lost = (task.c.state == TaskState.RUNNING.value) & (task.c.alive_at < now - LOST_AFTER)
        query = select(task.c.id).where((task.c.state == TaskState.WAITING.value) | lost)
        query = query.order_by(task.c.id).limit(1).with_for_update(skip_locked=True)
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else self._run(found, now)

    def start(self, task_id: UUID, *, now: datetime) -> Task:
        """Mark one waiting task as running. Raises UnknownTask, TaskRunning."""
        query = select(task.c.state).where(task.c.id == task_id).with_for_update()
        state = self._connection.execute(query).scalar_one_or_none()
        if state is None:
            raise UnknownTask
        if state != TaskState.WAITING:
            raise TaskRunning
        return self._run(task_id, now)

    def report(self, task_id: UUID, *, stage: str, done: int, total: int, now: datetime) -> None:
        """Store how far it is. Raises TaskCanceled when a person stopped it."""
        values = {"stage": stage[:63], "done": done, "total": total, "alive_at": now}
        if not self._set_running(task_id, values):
            raise TaskCanceled

    def end(
        self, task_id: UUID, *, counts: Mapping[str, int], error: str | None, now: datetime
    ) -> None:
        """Store how it ended, unless a person stopped it before."""
        state = TaskState.FAILED if error else TaskState.DONE
        values = {"state": state.value, "counts": dict(counts), "error": error, "ended_at": now}
        self._set_running(task_id, values)

    def cancel(self, task_id: UUID, *, now: datetime) -> None:
        """Stop a task that waits or runs. Raises UnknownTask, TaskEnded."""
        standing = self.get(task_id)
        query = update(task).where(task.c.id == standing.id, task.c.state.in_(_OPEN))
        values = {"state": TaskState.CANCELED.value, "ended_at": now}
        if self._connection.execute(query.values(**values)).rowcount == 0:
            raise TaskEnded

    def page(
        self, chosen: TaskFilter, *, before: UUID | None = None, limit: int = 25
    ) -> list[Task]:
        """A page of tasks, newest first."""
        query = select(task).order_by(task.c.id.desc()).limit(limit)
        if chosen.state is not None:
            query = query.where(task.c.state == chosen.state.value)
        if chosen.kind is not None:
            query = query.where(task.c.kind == chosen.kind.value)
        if chosen.projects is not None:
            query = query.where(task.c.project.in_(sorted(chosen.projects)))
        if before is not None:
            query = query.where(task.c.id < before)
        return [_task(row) for row in self._connection.execute(query)]

    def get(self, task_id: UUID) -> Task:
        """The task. Raises UnknownTask."""
        row = self._connection.execute(select(task).where(task.c.id == task_id)).one_or_none()
        if row is None:
            raise UnknownTask
        return _task(row)

    def of_project(self, project: str, *, kind: TaskKind | None = None) -> list[Task]:
        """The tasks of a project, newest first."""
        query = select(task).where(task.c.project == project).order_by(task.c.id.desc())
        if kind is not None:
            query = query.where(task.c.kind == kind.value)
        return [_task(row) for row in self._connection.execute(query)]

    def _run(self, task_id: UUID, now: datetime) -> Task:
        self._set(task_id, state=TaskState.RUNNING.value, started_at=now, alive_at=now)
        return self.get(task_id)

    def _set_running(self, task_id: UUID, values: Mapping[str, object]) -> bool:
        """Change the task if it runs; False if it does not."""
        running = task.c.state == TaskState.RUNNING.value
        query = update(task).where(task.c.id == task_id, running).values(**values)
        return self._connection.execute(query).rowcount > 0

    def _set(self, task_id: UUID, **values: object) -> None:
        self._connection.execute(update(task).where(task.c.id == task_id).values(**values))


def _columns(new: Task) -> dict[str, object]:
    return {
        "id": new.id,
        "kind": new.kind.value,
        "project": new.project,
        "state": new.state.value,
        "requested_by": new.requested_by,
        "requested_at": new.requested_at,
        "stage": new.stage,
        "done": new.done,
        "total": new.total,
        "counts": dict(new.counts),
    }


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        kind=TaskKind(row.kind),
        project=ProjectName(row.project),
        state=TaskState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        stage=row.stage,
        done=row.done,
        total=row.total,
        counts=row.counts,
        error=row.error,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
