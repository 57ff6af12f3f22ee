"""Step 8: the cohort is asked for and approved by two persons, downloaded over HTTP, verified and opened elsewhere."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyrage

from ttp.config import TRUST_FILE
from ttp.core.access import Role
from ttp.demo.centers import make_client
from ttp.demo.commands import ttp
from ttp.demo.errors import DemoFailed
from ttp.demo.narration import Step
from ttp.demo.stage import PROJECT, Stage
from ttp.services.releases.approve_release import approve_release
from ttp.services.releases.request_release import request_release

RESEARCHER = "researcher"
KEY_FILE, IDS_FILE = "key.txt", "ids.csv"


@dataclass(frozen=True, slots=True)
class Desk:
    """The researcher's own folder: nobody else has the private key in it."""

    folder: Path

    @property
    def key_file(self) -> Path:
        """The private key."""
        return self.folder / KEY_FILE

    @property
    def ids_file(self) -> Path:
        """The opened cohort."""
        return self.folder / IDS_FILE

    def archive(self, version: int) -> Path:
        """The downloaded release."""
        return self.folder / f"{PROJECT}-{version}.tar"

    def draw_key(self) -> str:
        """Draw an age key and give its public half."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        identity = pyrage.x25519.Identity.generate()
        self.key_file.write_text(f"{identity}\n")
        self.key_file.chmod(0o600)
        return str(identity.to_public())


def desk_of(stage: Stage) -> Desk:
    """The researcher's desk beside the centers."""
    return Desk(stage.directory / RESEARCHER)


def release(stage: Stage, step: Step) -> None:
    """From the request to the opened file."""
    step.expect(4)
    desk = desk_of(stage)
    version = _release(stage, desk.draw_key())
    step.advance()
    _download(stage, desk, version)
    step.advance()
    trust = stage.federated.home / TRUST_FILE
    ttp("release", "verify", desk.archive(version), "--trust", trust)
    step.advance()
    ttp("release", "open", desk.archive(version), "-i", desk.key_file, "-o", desk.ids_file)
    step.advance()
    _count(stage, step, desk, version)


def _release(stage: Stage, recipient: str) -> int:
    linking = stage.federated
    make_client(linking, RESEARCHER, Role.RESEARCHER)
    asking, approving = linking.person("steward"), linking.person("second-steward")
    center = linking.center
    asked = center.work.run(
        lambda tx: request_release(
            center,
            tx,
            asking,
            project_name=PROJECT,
            recipient=recipient,
            researcher=RESEARCHER,
        )
    )
    approve_release(center, linking.peers, approving, project_name=PROJECT, version=asked.version)
    return asked.version


def _download(stage: Stage, desk: Desk, version: int) -> None:
    with stage.federated.http(RESEARCHER) as http:
        response = http.get(f"/api/v1/projects/{PROJECT}/releases/{version}")
    if not response.is_success:
        raise DemoFailed(f"The release was not handed over: {response.status_code}.")
    desk.archive(version).write_bytes(response.content)


def _count(stage: Stage, step: Step, desk: Desk, version: int) -> None:
    with desk.ids_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    several = sum(";" in row["sites"] for row in rows)
    stage.figures["release"] = {
        "version": version,
        "persons": len(rows),
        "persons_at_several_sites": several,
        "verified": True,
        "opened": True,
    }
    step.say(f"{len(rows):,} persons, {several:,} of them at both sites; verified, then opened")
