"""Step 5: the linking center compares every pair of encodings, and asks both sites for evidence on possible matches."""

from __future__ import annotations

from ttp.core.tasks import TaskKind
from ttp.demo.narration import Step
from ttp.demo.stage import FEDERATED, Stage
from ttp.demo.tasks import have_done


def link(stage: Stage, step: Step) -> None:
    """Run the linkage in the worker of the linking center."""
    counts = have_done(stage.federated, TaskKind.LINKAGE_RUN, step)
    stage.figures["linkage"] = counts
    step.say(
        f"{FEDERATED}: {counts['compared']:,} pairs compared, {counts['matches']:,} links,"
        f" {counts['possible']:,} possible matches"
    )
    step.say(
        f"evidence of the sites joined {counts['evidence_matches']:,} of these, parted"
        f" {counts['evidence_non_matches']:,}, left {counts['cases']:,} cases to people"
    )
