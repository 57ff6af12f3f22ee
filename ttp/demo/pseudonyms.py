"""Step 2: each pipeline asks its center for a DIZ pseudonym of every patient's identifier, in batches."""

from __future__ import annotations

from functools import partial

import httpx

from ttp.demo.centers import DemoCenter
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.registration import post
from ttp.demo.stage import DIZ, PIPELINE, Stage, at_once, chunks

ORIGINALS = 2_000
THREADS = 2


def pseudonymize(stage: Stage, step: Step) -> None:
    """Ask for all pseudonyms, and for the first batch twice: the answers are the same."""
    for site in stage.sites:
        originals = [str(row["record_id"]) for row in stage.patients(site.name)]
        step.expect(len(originals))
        made = _ask_site(step, site, originals)
        stage.figures.setdefault("pseudonyms", {}).setdefault(DIZ, {})[site.name] = made
        step.say(f"{site.name}: {made:,} pseudonyms in domain {DIZ}")


def _ask_site(step: Step, site: DemoCenter, originals: list[str]) -> int:
    parts = chunks(originals, ORIGINALS)
    with site.http(PIPELINE) as http:
        answers = at_once([partial(_ask, http, step, part) for part in parts], threads=THREADS)
        if _ask(http, None, parts[0]) != answers[0]:
            raise DemoFailed("Asking twice gave other pseudonyms.")
    return len({pseudonym for answer in answers for pseudonym in answer})


def _ask(http: httpx.Client, step: Step | None, originals: list[str]) -> list[str]:
    body = {"originals": originals, "create": True}
    answer = post(http, f"/api/v1/domains/{DIZ}/pseudonyms", body)
    if step is not None:
        step.advance(len(originals))
    return [result["pseudonym"] for result in answer["results"]]
