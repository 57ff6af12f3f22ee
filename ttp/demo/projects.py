"""Step 3: the project is approved at the linking center, offered to the sites, approved there; the secret is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ttp.core.names import CenterName
from ttp.demo.centers import DemoCenter
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.stage import FEDERATED, NORD, POLICY, PROJECT, SITES, Stage
from ttp.services.projects.announce_project import announce_project
from ttp.services.projects.propose_project import approve_project, propose_project, terms_from
from ttp.services.projects.send_linkage_secret import send_linkage_secret

PURPOSE = "Courses of heart failure across hospitals (made-up patients)"
DAYS = 365


def agree_on_project(stage: Stage, step: Step) -> None:
    """Two persons of the linking center, then one of each site: nobody else's word is enough."""
    step.expect(2 + len(SITES))
    _propose(stage)
    step.advance()
    linking = stage.federated
    announced = announce_project(
        linking.center, linking.peers, linking.person("steward"), project_name=PROJECT
    )
    _require_taken(announced)
    step.advance()
    for site in stage.sites:
        _approve(site, "steward")
        step.advance()
    step.say(f"project {PROJECT}: proposed, approved at {FEDERATED}, {' and '.join(SITES)}")


def send_secret(stage: Stage, step: Step) -> None:
    """The secret holder draws the linkage secret, sends it, sealed, to the other site alone, and announces it."""
    step.expect(1)
    holder = stage.centers[NORD]
    sent = send_linkage_secret(
        holder.center, holder.peers, holder.person("steward"), project_name=PROJECT
    )
    _require_taken({**sent.sites, sent.linker: sent.announced})
    step.advance()
    step.say(
        f"{NORD} drew the linkage secret and sent it to {', '.join(sent.sites)};"
        f" {FEDERATED} has none, but knows by what its use is shown"
    )


def _propose(stage: Stage) -> None:
    linking = stage.federated
    center = linking.center
    terms = terms_from(
        {
            "name": PROJECT,
            "purpose": PURPOSE,
            "sites": list(SITES),
            "linking_center": FEDERATED,
            "secret_holder": NORD,
            "policies": [POLICY],
            "expires_at": (center.clock.now() + timedelta(days=DAYS)).isoformat(),
        }
    )
    proposer = linking.person("steward")
    center.work.run(lambda tx: propose_project(center, tx, proposer, terms))
    _approve(linking, "second-steward")


def _approve(at: DemoCenter, account: str) -> None:
    actor = at.person(account)
    at.center.work.run(lambda tx: approve_project(at.center, tx, actor, name=PROJECT))


def _require_taken(answers: Mapping[CenterName, str | None]) -> None:
    refused = {str(site): code for site, code in answers.items() if code}
    if refused:
        raise DemoFailed(f"Some sites did not take part: {refused}.")
