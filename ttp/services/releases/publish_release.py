"""Publish a release: a second person approves; the cohort is drawn up, encrypted to the researcher and signed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from keys.digests import sha256
from keys.randomness import shuffled
from keys.recipients import encrypt_to_age
from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.events import Told
from ttp.core.names import IdentityId, LeafId
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.release_archive import build_archive
from ttp.core.releases import CohortRow, Release
from ttp.services.approvals.settle_approval import grant_approval
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.projects.settle_project_pseudonyms import Assigned, settle_project_pseudonyms
from ttp.services.releases.request_release import checked_fingerprint, require_linking_center

MANIFEST_VERSION = 1
NOT_ESTIMATED = "not estimated"


def publish_release(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    project_name: str,
    version: int,
    withdrawn: AbstractSet[IdentityId] = frozenset(),
) -> LeafId:
    """Approve a requested release and make its archive; returns its leaf, which a checkpoint must cover.

    ``withdrawn`` are submissions whose sites say that the person's data may no longer be used.

    Raises:
        NotAllowed, UnknownRelease, ProjectNotActive, SecondPersonNeeded, Conflict: and nothing is changed.
    """
    actor.require(Right.APPROVE, project=project_name)
    release = tx.releases.get(project_name, version)
    project = tx.projects.get(project_name)
    project.require_active(center.clock.now())
    require_linking_center(center, project)
    asked = grant_approval(center, tx, actor, approval_id=release.id, kind=ApprovalKind.RELEASE)
    cohort = _cohort(center, tx, project, release, withdrawn)
    manifest = _manifest(center, tx, project, release, cohort, excluded=len(withdrawn))
    payload = encrypt_to_age(release.recipient, _csv(cohort))
    archive = build_archive(manifest, payload, key=audit_signing_key(center))
    leaf = new_leaf_id(center)
    tx.releases.publish(release, archive, persons=len(cohort), leaf=leaf)
    _record(center, tx, actor, release, asked, archive, len(cohort), leaf)
    return leaf


def _cohort(
    center: Center,
    tx: Transaction,
    project: Project,
    release: Release,
    withdrawn: AbstractSet[IdentityId],
) -> list[CohortRow]:
    """One row per person with at least one usable record, in random order: order must not tell anything."""
    settled = settle_project_pseudonyms(center, tx, project)
    told: list[Told] = []
    sites: dict[Assigned, set[str]] = {}
    for member in tx.releases.members(project.population):
        if member.identity not in withdrawn:
            sites.setdefault(settled[member.identity], set()).add(member.source)
            told.append(Told(member.identity, settled[member.identity].pseudonym))
    tx.events.note_told(project.domain, release.recipient_name, told)
    rows = [
        CohortRow(assigned.pseudonym, tuple(sorted(known)), assigned.former)
        for assigned, known in sites.items()
    ]
    return shuffled(rows)


def _csv(cohort: Sequence[CohortRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["project_pseudonym", "sites", "supersedes"])
    writer.writerows(
        [row.pseudonym, ";".join(row.sites), ";".join(row.supersedes)] for row in cohort
    )
    return text.getvalue().encode()


def _manifest(
    center: Center,
    tx: Transaction,
    project: Project,
    release: Release,
    cohort: Sequence[CohortRow],
    *,
    excluded: int,
) -> Mapping[str, Any]:
    records = Counter(member.source for member in tx.releases.members(project.population))
    return {
        "format": MANIFEST_VERSION,
        "center": center.name,
        "project": project.name,
        "purpose": project.terms.purpose,
        "version": release.version,
        "created_at": center.clock.now().isoformat(timespec="seconds"),
        "approved_by": 2 if not center.alone else 1,
        "recipient": checked_fingerprint(release.recipient),
        "columns": {
            "project_pseudonym": "one per person, the same at every site of the project",
            "sites": "sites that submitted the person, separated by semicolons",
            "supersedes": "pseudonyms of earlier releases that now are this person's, likewise",
        },
        "counts": {
            "persons": len(cohort),
            "records": dict(sorted(records.items())),
            "persons_at_several_sites": sum(len(row.sites) > 1 for row in cohort),
            "excluded_without_consent": excluded,
        },
        "linkage": {
            "schema": project.terms.schema,
            "schema_fingerprint": project.terms.schema_fingerprint,
            "quality": NOT_ESTIMATED,
        },
    }


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    release: Release,
    asked: Approval,
    archive: bytes,
    persons: int,
    leaf: LeafId,
) -> None:
    facts = {
        "project": release.project,
        "version": str(release.version),
        "recipient": checked_fingerprint(release.recipient),
        "archive_sha256": sha256(archive).hex(),
        "requested_by": asked.requested_by,
    }
    act = Act(
        EventKind.RELEASE_PUBLISHED,
        approval=str(asked.id),
        counts={"persons": persons},
        facts=facts,
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
