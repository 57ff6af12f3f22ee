"""Run tasks: long work is asked for in one transaction and done by a worker, or at once by whoever waits for it."""

from __future__ import annotations

import time

from linkage.errors import LinkageError
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import Peers, require_federated, require_local
from ttp.core.names import ProjectName
from ttp.core.ports import Transaction
from ttp.core.tasks import Progress, Task, TaskKind, TaskState
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.matching.learn_model import learn_model
from ttp.services.persons.rematch_stock import rematch_stock
from ttp.services.projects.fetch_project_pseudonyms import fetch_project_pseudonyms
from ttp.services.projects.run_linkage import run_linkage
from ttp.services.projects.submit_encodings import submit_encodings

REPORT_SECONDS = 0.5
INTERNAL = "internal"


def request_task(center: Center, actor: Actor, *, kind: TaskKind, project_name: str) -> Task:
    """Ask for a task that a worker takes up.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, TaskRunning: and nothing is changed.
    """
    _check(center, actor, kind, project_name)
    return center.work.run(lambda tx: _add(center, tx, actor, kind, project_name))


def do_task(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    kind: TaskKind,
    project_name: str,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Do a task now, in this process, and give its counts; no worker takes it. How it ended is stored with it.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, TaskRunning: and nothing is done.
        Whatever the work itself raises.
    """
    _check(center, actor, kind, project_name)
    task = center.work.run(lambda tx: _begin(center, tx, actor, kind, project_name))
    return _run(center, peers, actor, task, progress)


def run_waiting_task(center: Center, peers: Peers) -> int:
    """Do the oldest waiting task, if there is one; returns how many were done. Errors stay with the task."""
    now = center.clock.now()
    task = center.work.run(lambda tx: tx.tasks.take(now=now))
    if task is None:
        return 0
    try:
        _run(center, peers, SYSTEM, task, None)
    except (TTPError, LinkageError):
        return 1
    return 1


def _check(center: Center, actor: Actor, kind: TaskKind, project: str) -> None:
    actor.require(Right.LINK, project=project)
    if kind is TaskKind.LINKAGE_RUN:
        require_federated(center)
    else:
        require_local(center)


def _begin(center: Center, tx: Transaction, actor: Actor, kind: TaskKind, project: str) -> Task:
    task = _add(center, tx, actor, kind, project)
    return tx.tasks.start(task.id, now=center.clock.now())


def _add(center: Center, tx: Transaction, actor: Actor, kind: TaskKind, project: str) -> Task:
    tx.projects.get(project).require_active(center.clock.now())
    task = Task(
        center.new_id(),
        kind,
        ProjectName(project),
        TaskState.WAITING,
        actor.name,
        center.clock.now(),
    )
    tx.tasks.add(task)
    facts = {"project": project, "kind": kind.value, "task": str(task.id)}
    record_leaf(center, tx, actor, Act(EventKind.TASK_REQUESTED, facts=facts))
    return task


def _run(
    center: Center, peers: Peers, actor: Actor, task: Task, progress: Progress | None
) -> dict[str, int]:
    report = _reporter(center, task, progress)
    counts: dict[str, int] = {}
    error: str | None = INTERNAL
    try:
        counts = _work(center, peers, actor, task, report)
        error = None
    except (TTPError, LinkageError) as refused:
        error = _code(refused)
        raise
    finally:
        now = center.clock.now()
        center.work.run(lambda tx: tx.tasks.end(task.id, counts=counts, error=error, now=now))
    return counts


def _code(refused: TTPError | LinkageError) -> str:
    """The code of an error; of a peer's refusal the peer's own."""
    facts = refused.facts if isinstance(refused, TTPError) else {}
    return str(facts.get("peer_code", refused.code))[:63]


def _work(
    center: Center, peers: Peers, actor: Actor, task: Task, report: Progress
) -> dict[str, int]:
    name = task.project
    if task.kind is TaskKind.DEDUPLICATION:
        return rematch_stock(center, actor, after=task.done, progress=report)
    if task.kind is TaskKind.MATCHING_MODEL:
        version = learn_model(center, actor, progress=report)
        return {"records": version.records, "pairs": version.pairs}
    if task.kind is TaskKind.LINKAGE_RUN:
        return run_linkage(center, peers, actor, project_name=name, task=task.id, progress=report)
    if task.kind is TaskKind.SUBMISSION:
        return submit_encodings(center, peers, actor, project_name=name, progress=report)
    return fetch_project_pseudonyms(center, peers, actor, project_name=name, progress=report)


def _reporter(center: Center, task: Task, progress: Progress | None) -> Progress:
    """Store how far the task is at most twice a second: that is its sign of life."""
    reported = time.monotonic() - REPORT_SECONDS

    def report(stage: str, done: int, total: int) -> None:
        nonlocal reported
        if progress:
            progress(stage, done, total)
        if time.monotonic() - reported >= REPORT_SECONDS:
            reported = time.monotonic()
            now = center.clock.now()
            center.work.run(
                lambda tx: tx.tasks.report(task.id, stage=stage, done=done, total=total, now=now)
            )

    return report
