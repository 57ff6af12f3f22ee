"""What pipelines of this center start for a project: submissions, linkage runs, fetches; 202, then look at the task."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import answer, problems
from ttp.core.access import Right
from ttp.core.tasks import Task, TaskKind, TaskState, UnknownTask
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center
from ttp.services.work.run_task import request_task

tasks = APIBlueprint(
    "linkage-tasks",
    __name__,
    url_prefix="/api/v1/projects/<string:project>",
    abp_tags=[Tag(name="linkage")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(401, 403, 404, 409, 422, 503),
)


class ProjectPath(BaseModel):
    """A project, by its name."""

    project: str = Field(description="name of the project")


class TaskPath(ProjectPath):
    """A task of a project."""

    task: UUID


class TaskQuery(BaseModel):
    """Which tasks to list."""

    limit: int = Field(50, ge=1, le=500)
    after: UUID | None = Field(None, description="the last task of the page before")


class TaskEntry(BaseModel):
    """A task and how far it has got."""

    id: UUID
    kind: TaskKind
    project: str
    state: TaskState
    requested_by: str
    requested_at: datetime
    stage: str
    done: int
    total: int
    counts: dict[str, int]
    error: str | None = Field(description="the code of what it failed for")
    ended_at: datetime | None


class TaskList(BaseModel):
    """Some tasks, the newest first."""

    tasks: list[TaskEntry]


@tasks.post("/submissions", responses={202: TaskEntry}, summary="Encode and submit patients")
def submit(path: ProjectPath) -> Response:
    """Let the worker encode and submit all patients the project may use; local centers only."""
    return _request(TaskKind.SUBMISSION, path.project)


@tasks.post("/linkage-runs", responses={202: TaskEntry}, summary="Link what sites submitted")
def link(path: ProjectPath) -> Response:
    """Let the worker link the submissions of all sites; the project's linking center only."""
    return _request(TaskKind.LINKAGE_RUN, path.project)


@tasks.post("/project-pseudonyms", responses={202: TaskEntry}, summary="Fetch project pseudonyms")
def fetch(path: ProjectPath) -> Response:
    """Let the worker fetch the project pseudonyms of what this site submitted; local centers only."""
    return _request(TaskKind.PSEUDONYMS, path.project)


@tasks.get("/tasks", responses={200: TaskList}, summary="List tasks")
def list_tasks(path: ProjectPath, query: TaskQuery) -> Response:
    """Answer with the tasks of the project, the newest first."""
    calling_actor().require(Right.LINK, project=path.project)
    known = read(lambda tx: tx.tasks.of_project(path.project))
    older = [one for one in known if query.after is None or one.id < query.after]
    return answer({"tasks": [_task(one) for one in older[: query.limit]]})


@tasks.get("/tasks/<uuid:task>", responses={200: TaskEntry}, summary="Look at a task")
def show_task(path: TaskPath) -> Response:
    """Answer with the state, stage, progress and counts of a task."""
    calling_actor().require(Right.LINK, project=path.project)
    task = read(lambda tx: tx.tasks.get(path.task))
    if task.project != path.project:
        raise UnknownTask
    return answer(_task(task))


def _request(kind: TaskKind, project: str) -> Response:
    actor = calling_actor()
    task = request_task(the_center(), actor, kind=kind, project_name=project)
    response = answer(_task(task), 202)
    response.headers["Location"] = f"/api/v1/projects/{project}/tasks/{task.id}"
    return response


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": str(task.id),
        "kind": task.kind.value,
        "project": task.project,
        "state": task.state.value,
        "requested_by": task.requested_by,
        "requested_at": task.requested_at.isoformat(),
        "stage": task.stage,
        "done": task.done,
        "total": task.total,
        "counts": dict(task.counts),
        "error": task.error,
        "ended_at": task.ended_at.isoformat() if task.ended_at else None,
    }
