"""Hear of a linkage secret: the center that links a project learns from its secret holder which versions there are.

Of the secret it learns a commitment and digests of encoded canaries, which sites then show with each submission.
"""

from __future__ import annotations

from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.linkage_secrets import Canaries, NotSecretHolder
from ttp.core.names import CenterName
from ttp.core.ports import Transaction
from ttp.core.submissions import SchemaDiffers
from ttp.services.projects.check_canaries import take_announcement
from ttp.services.projects.receive_submissions import linked_project


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the secret holder says: of which project and version, and what everybody who holds it can show."""

    project: str
    schema_fingerprint: str
    version: int
    commitment: str
    canaries: bytes


def hear_linkage_secret(center: Center, tx: Transaction, actor: Actor, heard: Announcement) -> None:
    """Remember a version of a project's secret as announced. The same again changes nothing.

    1. This center links this active project, and its secret holder speaks.
    2. The secret is for the project's schema.
    3. No other secret stands under this version.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed, NotSecretHolder, SchemaDiffers,
        SubmissionRejected, SecretDiffers, CanaryMismatch: and nothing is changed.
    """
    actor.require(Right.FEDERATE)
    # 1. our part and theirs
    project = linked_project(center, tx, heard.project)
    if actor.name != project.terms.secret_holder:
        raise NotSecretHolder
    # 2. schema
    if heard.schema_fingerprint != project.terms.schema_fingerprint:
        raise SchemaDiffers
    # 3. what stands
    site = CenterName(actor.name)
    shown = Canaries(project.name, heard.version, site, heard.commitment, heard.canaries)
    take_announcement(center, tx, actor, project, shown)
