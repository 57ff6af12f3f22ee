"""Step 4: each site encodes the patients who consented and submits them to the linking center in signed requests."""

from __future__ import annotations

from functools import partial

from ttp.demo.centers import DemoCenter
from ttp.demo.narration import Step
from ttp.demo.stage import PROJECT, Stage, at_once
from ttp.services.submit_encodings import submit_encodings


def submit(stage: Stage, step: Step) -> None:
    """Encode and submit at both sites at once; only encodings and submission pseudonyms leave them."""
    calls = [partial(_submit, step, site) for site in stage.sites]
    for site, counts in zip(stage.sites, at_once(calls, threads=len(calls)), strict=True):
        stage.figures.setdefault("submitted", {})[site.name] = counts
        step.say(
            f"{site.name}: {counts['new']:,} of those who consented, under submission pseudonyms"
        )


def _submit(step: Step, site: DemoCenter) -> dict[str, int]:
    actor = site.person("steward")
    return submit_encodings(
        site.center, site.peers, actor, project_name=PROJECT, progress=step.follow()
    )
