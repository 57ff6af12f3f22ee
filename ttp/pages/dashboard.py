"""The dashboard: what waits, how fast it goes, what runs, and how the center stands."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from ttp.core.access import Actor, Right
from ttp.core.desk import CaseFilter
from ttp.core.ports import Transaction
from ttp.core.tasks import Task, TaskFilter, TaskState
from ttp.http.center import read, the_center
from ttp.pages.plots import flow_plot
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.quality.show_quality import Pace, show_pace
from ttp.services.work.manage_tasks import list_tasks
from ttp.services.work.show_overview import Overview, show_overview


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the dashboard; ``pace`` is None for those who review nothing."""

    overview: Overview
    pace: Pace | None
    mine: int
    due: int
    running: list[Task]


@page("/")
def dashboard() -> str:
    """The first page after the login."""
    actor = person().actor
    board = read(lambda tx: _board(tx, actor))
    flow = flow_plot(board.pace.flow) if board.pace and board.pace.flow else None
    return render_template("dashboard.html", overview=board.overview, board=board, flow=flow)


def _board(tx: Transaction, actor: Actor) -> Board:
    pace = show_pace(the_center(), tx, actor) if actor.may(Right.REVIEW) else None
    running: list[Task] = []
    if actor.may(Right.READ_PROJECT):
        for state in (TaskState.RUNNING, TaskState.WAITING):
            running += list_tasks(tx, actor, TaskFilter(state=state))
    mine, due = _own_cases(tx, actor) if pace else (0, 0)
    return Board(show_overview(tx, actor), pace, mine, due, running)


def _own_cases(tx: Transaction, actor: Actor) -> tuple[int, int]:
    """Open cases assigned to this person, and those due by the end of the day."""
    evening = the_center().clock.now().replace(hour=23, minute=59, second=59)
    seen = actor.populations
    mine = tx.desk.count(CaseFilter(assignee=actor.name, populations=seen))
    return mine, tx.desk.count(CaseFilter(due_before=evening, populations=seen))
