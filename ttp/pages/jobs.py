"""Jobs: long work with its progress, read again by itself every two seconds while something runs."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.tasks import TaskFilter, TaskKind, TaskState
from ttp.http.center import read, the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.work.manage_tasks import PAGE, cancel_task, list_tasks, resume_task

ASKING = (TaskState.WAITING, TaskState.RUNNING)
STOPPED = (TaskState.FAILED, TaskState.CANCELED)


@page("/jobs", right=Right.READ_PROJECT)
def jobs() -> str:
    """A page of jobs, newest first."""
    actor, asked = person().actor, request.args
    state, kind = asked.get("state", ""), asked.get("kind", "")
    chosen = TaskFilter(
        state=TaskState(state) if state in tuple(TaskState) else None,
        kind=TaskKind(kind) if kind in tuple(TaskKind) else None,
    )
    before = asked.get("before", type=UUID)
    found = read(lambda tx: list_tasks(tx, actor, chosen, before=before))
    return render_template(
        "jobs.html",
        tasks=found,
        more=found[-1].id if len(found) == PAGE else None,
        filters={name: value for name, value in asked.items() if value and name != "before"},
        states=list(TaskState),
        kinds=list(TaskKind),
        live=any(task.state in ASKING for task in found),
        asking=ASKING,
        stopped=STOPPED,
    )


@page("/jobs/<uuid:task_id>/cancel", right=Right.LINK, method="POST")
def cancel_job(task_id: UUID) -> Response:
    """Stop a job."""
    center, actor = the_center(), person().actor
    write(lambda tx: cancel_task(center, tx, actor, task_id=task_id))
    return go(url_for(".jobs"))


@page("/jobs/<uuid:task_id>/resume", right=Right.LINK, method="POST")
def resume_job(task_id: UUID) -> Response:
    """Go on with a job that stopped."""
    resume_task(the_center(), person().actor, task_id=task_id)
    return go(url_for(".jobs"))
