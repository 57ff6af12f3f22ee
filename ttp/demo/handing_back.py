"""Step 7: each site fetches the project pseudonyms of its submissions: one person has the same one at both sites."""

from __future__ import annotations

from functools import partial

from ttp.core.names import PersonId
from ttp.core.project_pseudonyms import ProjectMember
from ttp.demo.centers import DemoCenter
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.stage import PROJECT, Stage, at_once
from ttp.demo.truth import persons_in_truth
from ttp.services.projects.fetch_project_pseudonyms import fetch_project_pseudonyms, project_members

DATA_SETS = 2
"""Secondary pseudonyms each site asks for: one for every data set that nobody may join."""

Members = dict[PersonId, ProjectMember]


def hand_back(stage: Stage, step: Step) -> None:
    """Fetch in signed requests, then compare what the two sites hold with the truth."""
    calls = [partial(_fetch, site, step) for site in stage.sites]
    fetched = at_once(calls, threads=len(calls))
    held = {site.name: members for site, members in zip(stage.sites, fetched, strict=True)}
    shared = _shared(stage, held)
    figures = {
        "members": {name: len(members) for name, members in held.items()},
        "secondary_per_person": DATA_SETS,
        "secondary": sum(
            len(one.secondaries) for members in held.values() for one in members.values()
        ),
        "same_person_at_both_sites": len(shared),
        "same_pseudonym": sum(first == second for first, second in shared),
    }
    stage.figures["project_pseudonyms"] = figures
    for name, members in held.items():
        step.say(
            f"{name}: {len(members):,} project pseudonyms, {DATA_SETS} secondary ones for each"
        )
    step.say(
        f"of {len(shared):,} patients of both sites {figures['same_pseudonym']:,} have one pseudonym"
    )


def _fetch(site: DemoCenter, step: Step) -> Members:
    actor = site.person("steward")
    fetch_project_pseudonyms(
        site.center,
        site.peers,
        actor,
        project_name=PROJECT,
        secondaries=DATA_SETS,
        progress=step.follow(),
    )
    members = site.center.work.run(
        lambda tx: project_members(site.center, tx, actor, project_name=PROJECT), write=False
    )
    if any(len(set(one.secondaries)) != DATA_SETS for one in members.values()):
        raise DemoFailed("A secondary pseudonym is missing or was given twice.")
    return members


def _shared(stage: Stage, held: dict[str, Members]) -> list[tuple[str, str]]:
    """Of every true patient of both sites the two project pseudonyms."""
    by_truth = []
    for site in stage.sites:
        truth = persons_in_truth(stage, site)
        by_truth.append({truth[one]: held[site.name][one].pseudonym for one in held[site.name]})
    first, second = by_truth
    return [(first[person], second[person]) for person in sorted(first.keys() & second.keys())]
