"""Step 4: each site encodes the patients who consented and submits them to the linking center in signed requests."""

from __future__ import annotations

from functools import partial

from ttp.core.tasks import TaskKind
from ttp.demo.narration import Step
from ttp.demo.stage import Stage, at_once
from ttp.demo.tasks import have_done


def submit(stage: Stage, step: Step) -> None:
    """Let the workers of both sites encode and submit; only encodings and submission pseudonyms leave them."""
    calls = [partial(have_done, site, TaskKind.SUBMISSION, step) for site in stage.sites]
    for site, counts in zip(stage.sites, at_once(calls, threads=len(calls)), strict=True):
        stage.figures.setdefault("submitted", {})[site.name] = counts
        step.say(f"{site.name}: {counts['new']:,} who consented, under submission pseudonyms")
