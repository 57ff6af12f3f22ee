"""Run: the nine steps one after the other; whatever happens, the servers are stopped before this returns."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from ttp.demo.auditing import audit
from ttp.demo.centers import free_ports, require_free
from ttp.demo.farewell import show_figures, show_ways_on
from ttp.demo.handing_back import hand_back
from ttp.demo.linking import link
from ttp.demo.memory import MemoryWatch
from ttp.demo.narration import Narrator, Step
from ttp.demo.preparing import furnish, make_friends, start_servers
from ttp.demo.projects import agree_on_project, send_secret
from ttp.demo.pseudonyms import pseudonymize
from ttp.demo.registration import record_consents, register_patients
from ttp.demo.releasing import release
from ttp.demo.report import finish_report, told
from ttp.demo.reviewing import review
from ttp.demo.stage import ROLES, Stage, set_stage
from ttp.demo.submission import submit

FIRST_PORT = 8101

STORY: tuple[tuple[str, str, Callable[[Stage, Step], None]], ...] = (
    ("serve", "Start three centers", start_servers),
    ("trust", "Pin each other's keys, by two persons", make_friends),
    ("register", "1 Register patients at their hospitals", register_patients),
    ("consent", "1 Record their consents", record_consents),
    ("pseudonyms", "2 Ask for DIZ pseudonyms", pseudonymize),
    ("project", "3 Approve a project", agree_on_project),
    ("secret", "3 Send the linkage secret", send_secret),
    ("submit", "4 Encode and submit those who consented", submit),
    ("link", "5 Compare all pairs, ask for evidence", link),
    ("review", "6 Review cases and undo a decision", review),
    ("pseudonyms_back", "7 Fetch project pseudonyms", hand_back),
    ("release", "8 Release the cohort, verify and open it", release),
    ("audit", "9 Co-sign, export and verify three audit logs", audit),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the demonstration is to run. ``once``: on free ports, without waiting for Ctrl-C at the end."""

    directory: Path
    patients: int
    once: bool = False
    first_port: int = FIRST_PORT
    report: Path | None = None


def run(plan: Plan, console: Console) -> dict[str, Any]:
    """Run the demonstration and give its figures.

    Raises:
        PortTaken, NotADemo: before anything is done. CenterSilent, DemoFailed: on the way.
    """
    ports = _ports(plan)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    watch, narrator = MemoryWatch().start(), Narrator(console)
    stage: Stage | None = None
    try:
        with narrator.step("make", f"Make three centers and {plan.patients:,} patients a hospital"):
            stage = set_stage(plan.directory, patients=plan.patients, ports=ports)
            furnish(stage)
        for name, title, act in STORY:
            with narrator.step(name, title) as step:
                act(stage, step)
        watch.stop()
        figures = finish_report(stage, narrator.seconds, watch)
        _write(plan, figures)
        show_figures(console, told(figures))
        if not plan.once:
            show_ways_on(console, stage)
            _wait()
        return figures
    finally:
        if stage is not None:
            stage.stop()


def _ports(plan: Plan) -> list[int]:
    if plan.once:
        return free_ports(len(ROLES))
    ports = [plan.first_port + offset for offset in range(len(ROLES))]
    require_free(ports)
    return ports


def _write(plan: Plan, figures: dict[str, Any]) -> None:
    text = json.dumps(figures, indent=2) + "\n"
    for target in (plan.report, plan.directory / "report.json"):
        if target is not None:
            target.write_text(text, "utf-8")


def _wait() -> None:
    """Until Ctrl-C."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
