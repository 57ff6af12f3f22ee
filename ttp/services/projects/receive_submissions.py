"""Receive submissions: encodings of a site of the project are checked, sealed and kept, once for each pseudonym."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage import schema as linkage_schema
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_federated
from ttp.core.identities import IdentityRow, KnownRecord, Population
from ttp.core.linkage_secrets import Canaries
from ttp.core.names import CenterName, IdentityId
from ttp.core.persons import IdentityKind, scope_of
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.submissions import EncodedRecord, SchemaDiffers, read_records
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.open_population import open_population
from ttp.services.persons.seal_identities import (
    digests,
    named_record_key,
    record_indexes,
    seal_contents,
)
from ttp.services.projects.check_canaries import check_canaries


@dataclass(frozen=True, slots=True)
class Batch:
    """One request of a submission: who says so about which project and secret, and the records."""

    project: str
    schema_fingerprint: str
    secret_version: int
    commitment: str
    canaries: bytes
    records: Sequence[object]


def receive_submissions(
    center: Center, tx: Transaction, actor: Actor, *, batch: Batch
) -> dict[str, int]:
    """Keep the encodings; gives the counts ``new``, ``changed`` and ``known``. The same ones again change nothing.

    1. This center links this active project, and the sender is one of its sites.
    2. The encodings are made with the project's schema, and with the newest secret that its holder announced.
    3. Every record has the form the schema fixes, each pseudonym once.
    4. They are sealed and kept under the site's name.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed, SchemaDiffers, SecretOutdated,
        SecretNotAnnounced, SecretDiffers, CanaryMismatch, SubmissionRejected: and nothing is changed.
    """
    actor.require(Right.FEDERATE)
    # 1. project and site
    project = linked_project(center, tx, batch.project)
    project.require_site(actor.name)
    # 2. schema and secret
    if batch.schema_fingerprint != project.terms.schema_fingerprint:
        raise SchemaDiffers
    site, version = CenterName(actor.name), batch.secret_version
    shown = Canaries(project.name, version, site, batch.commitment, batch.canaries)
    check_canaries(center, tx, actor, project, shown)
    # 3. form
    records = read_records(batch.records, linkage_schema.load(project.terms.schema))
    # 4. keep
    return _keep(center, tx, actor, project, records, version=version)


def linked_project(center: Center, tx: Transaction, name: str) -> Project:
    """The project, if this center links it and it is active.

    Raises:
        WrongRole, UnknownProject, ProjectNotActive, NotAllowed: otherwise.
    """
    require_federated(center)
    project = tx.projects.get(name)
    project.require_active(center.clock.now())
    if center.name != project.terms.linking_center:
        raise NotAllowed("Another center links this project.")
    return project


def _keep(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    records: Sequence[EncodedRecord],
    *,
    version: int,
) -> dict[str, int]:
    population = _locked(center, tx, project)
    keys = [named_record_key(actor.name, record.pseudonym) for record in records]
    indexes = record_indexes(center, population, keys)
    contents = [record.content(version=version) for record in records]
    known = tx.identities.known(population.name, [current for current, _ in indexes])
    before = [known.get(current) for current, _ in indexes]
    stand = [one.digest if one else None for one in before]
    marks = digests(center, population.name, contents, standing=stand)
    counts = {"new": 0, "changed": 0, "known": 0}
    chosen: list[tuple[int, IdentityId, int]] = []
    for place, (current, _) in enumerate(indexes):
        standing = known.get(current)
        counts[_kind(standing, marks[place])] += 1
        if standing is None:
            chosen.append((place, IdentityId(center.new_id()), 1))
        elif standing.digest != marks[place]:
            chosen.append((place, standing.id, standing.version + 1))
    sealed = seal_contents(
        center, population.name, [(one, number, contents[place]) for place, one, number in chosen]
    )
    rows = [
        IdentityRow(
            one, IdentityKind.ENCODED, actor.name, number, *indexes[place], marks[place], envelope
        )
        for (place, one, number), envelope in zip(chosen, sealed, strict=True)
    ]
    leaf = new_leaf_id(center)
    tx.identities.add(population.name, rows, at=center.clock.now(), leaf=leaf)
    act = Act(
        EventKind.ENCODINGS_RECEIVED,
        domain=scope_of(population.name),
        counts=counts,
        facts={"project": project.name, "site": actor.name},
        subjects=tuple(sorted(row.id.bytes for row in rows)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return counts


def _locked(center: Center, tx: Transaction, project: Project) -> Population:
    open_population(center, tx, name=project.population)
    return tx.identities.lock(project.population)


def _kind(standing: KnownRecord | None, mark: bytes) -> str:
    if standing is None:
        return "new"
    return "known" if standing.digest == mark else "changed"
