"""Tasks: long work that outlives a request: asked for once, done by a worker, its progress seen by all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, NotFound
from ttp.core.names import ProjectName

LOST_AFTER = timedelta(minutes=2)
"""A running task that gave no sign of life for so long is taken up again."""

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


class UnknownTask(NotFound):
    """No task has this ID."""

    code = "unknown-task"


class TaskRunning(Conflict):
    """The same task is waiting or running for this project."""

    code = "task-running"


class TaskCanceled(Conflict):
    """A person stopped this task; what it had finished stays, and asking again goes on from there."""

    code = "task-canceled"


class TaskEnded(Conflict):
    """The task is not waiting or running any more."""

    code = "task-ended"


class TaskKind(StrEnum):
    """What can take long."""

    SUBMISSION = "submission"
    LINKAGE_RUN = "linkage-run"
    PSEUDONYMS = "project-pseudonyms"
    MATCHING_MODEL = "matching-model"
    DEDUPLICATION = "deduplication"


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Task:
    """One task. ``counts`` and ``error`` (a code) say how it ended; they never hold a value of a patient."""

    id: UUID
    kind: TaskKind
    project: ProjectName
    state: TaskState
    requested_by: str
    requested_at: datetime
    stage: str = ""
    done: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks: by state and kind; ``projects`` None: of any project."""

    state: TaskState | None = None
    kind: TaskKind | None = None
    projects: frozenset[str] | None = None


class TaskStore(Protocol):
    """Where tasks are kept."""

    def add(self, task: Task) -> None:
        """Store a waiting task. Raises TaskRunning when one of its kind and project is not done."""
        ...

    def take(self, *, now: datetime) -> Task | None:
        """The oldest task that waits or whose worker is lost, marked as running."""
        ...

    def start(self, task_id: UUID, *, now: datetime) -> Task:
        """Mark one waiting task as running. Raises UnknownTask, TaskRunning."""
        ...

    def report(self, task_id: UUID, *, stage: str, done: int, total: int, now: datetime) -> None:
        """Store how far it is. Raises TaskCanceled when a person stopped it."""
        ...

    def end(
        self, task_id: UUID, *, counts: Mapping[str, int], error: str | None, now: datetime
    ) -> None:
        """Store how it ended, unless a person stopped it before."""
        ...

    def cancel(self, task_id: UUID, *, now: datetime) -> None:
        """Stop a task that waits or runs. Raises UnknownTask, TaskEnded."""
        ...

    def page(
        self, chosen: TaskFilter, *, before: UUID | None = None, limit: int = 25
    ) -> list[Task]:
        """A page of tasks, newest first."""
        ...

    def get(self, task_id: UUID) -> Task:
        """The task. Raises UnknownTask."""
        ...

    def of_project(self, project: str, *, kind: TaskKind | None = None) -> list[Task]:
        """The tasks of a project, newest first."""
        ...
