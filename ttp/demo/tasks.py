"""Tasks: long work is asked for here and done by the worker of the center that serves; this only watches."""

from __future__ import annotations

import time

from ttp.core.tasks import TaskKind, TaskState
from ttp.demo.centers import DemoCenter
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.stage import PROJECT
from ttp.services.work.run_task import request_task

WATCH_SECONDS = 0.2
LONGEST_SECONDS = 600.0


def have_done(at: DemoCenter, kind: TaskKind, step: Step) -> dict[str, int]:
    """Ask for the task as a steward, wait until the center's worker has done it, give its counts.

    Raises:
        DemoFailed: it failed, or took more than ten minutes.
    """
    follow = step.follow()
    asked = request_task(at.center, at.person("steward"), kind=kind, project_name=PROJECT)
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        task = at.center.work.run(lambda tx: tx.tasks.get(asked.id), write=False)
        if task.stage:
            follow(task.stage, task.done, task.total)
        if task.state is TaskState.DONE:
            return dict(task.counts)
        if task.state is TaskState.FAILED:
            raise DemoFailed(f"The {kind.value} at {at.name} failed: {task.error}.")
        time.sleep(WATCH_SECONDS)
    raise DemoFailed(f"The {kind.value} at {at.name} did not end.")
