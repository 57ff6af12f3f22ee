"""Projects and releases: two persons, one gate, an archive only its researcher can read."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pyrage
import pytest
from sqlalchemy import insert, update

from keys.recipients import decrypt_age
from linkage import schema
from tests.builders import make_center
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.errors import Conflict, InvalidField, NotAllowed, SecondPersonNeeded
from ttp.core.names import CenterName, IdentityId, ProjectName
from ttp.core.projects import Project, ProjectNotActive, ProjectState, Terms, UnknownProject
from ttp.core.release_archive import Archive, read_archive
from ttp.core.releases import UnknownRelease
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.projects.propose_project import (
    approve_project,
    end_project,
    offer_project,
    propose_project,
    terms_document,
    terms_from,
)
from ttp.services.releases.publish_release import publish_release
from ttp.services.releases.read_release import read_release
from ttp.services.releases.request_release import refuse_release, request_release
from ttp.storage.tables.identities import identity, population
from ttp.storage.transaction import SqlTransaction

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
BERT = Actor(ActorKind.STAFF, "bert", Role.STEWARD, domains=None)
CLERK = Actor(ActorKind.STAFF, "carla", Role.CLERK, domains=None)
RITA = Actor(ActorKind.STAFF, "rita", Role.RESEARCHER, domains=None)
PETER = Actor(ActorKind.STAFF, "peter", Role.RESEARCHER, domains=None)
SUED = Actor(ActorKind.PEER, "foederiert", Role.PEER, domains=None)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    """The linking center of a project, which asks for two persons."""
    return make_center(tmp_path, database_url, name="foederiert", role="federated", alone=False)


def terms(center: Center, **changes: object) -> Terms:
    """Terms of a project between two sites."""
    plain = Terms(
        name=ProjectName("heart"),
        purpose="outcomes after heart attacks",
        sites=(CenterName("nord"), CenterName("sued")),
        linking_center=CenterName("foederiert"),
        secret_holder=CenterName("nord"),
        schema="default",
        schema_fingerprint=schema.load("default").fingerprint,
        policies=("use",),
        expires_at=center.clock.now() + timedelta(days=30),
    )
    return replace(plain, **changes)  # type: ignore[arg-type] # checked by the class


def approved(center: Center) -> Project:
    """A project that Anna proposed and Bert approved."""
    center.work.run(lambda tx: propose_project(center, tx, ANNA, terms(center)))
    return center.work.run(lambda tx: approve_project(center, tx, BERT, name="heart"))


def submit(center: Center, project: Project, *records: tuple[int, int, str]) -> None:
    """Store records (identity, person, site) of the project's population."""

    def store(tx: object) -> None:
        assert isinstance(tx, SqlTransaction)
        now, leaf = center.clock.now(), UUID(int=9)
        tx.connection.execute(
            insert(population).values(
                name=project.population, sequence=0, index_version=1, created_at=now
            )
        )
        rows = [
            {
                "id": UUID(int=number),
                "population": project.population,
                "kind": "encoded",
                "source": site,
                "person": UUID(int=person),
                "ordinal": number,
                "sequence": number,
                "version": 1,
                "created_at": now,
                "leaf": leaf,
            }
            for number, person, site in records
        ]
        tx.connection.execute(insert(identity), rows)

    center.work.run(store)


def released(
    center: Center, recipient: str, *, withdrawn: frozenset[IdentityId] = frozenset()
) -> Archive:
    """The verified archive of a release asked for by Anna and approved by Bert."""
    release = center.work.run(
        lambda tx: request_release(
            center, tx, ANNA, project_name="heart", recipient=recipient, researcher="rita"
        )
    )
    center.work.run(
        lambda tx: publish_release(
            center,
            tx,
            BERT,
            project_name="heart",
            version=release.version,
            withdrawn=withdrawn,
        )
    )
    data = center.work.run(
        lambda tx: read_release(center, tx, RITA, project_name="heart", version=release.version)
    )
    key = audit_signing_key(center)
    return read_archive(data, {key.key_id: key.public})


def rows_of(archive: Archive, identity_text: str) -> list[dict[str, str]]:
    """The cohort as its researcher reads it."""
    return list(csv.DictReader(io.StringIO(decrypt_age(identity_text, archive.payload).decode())))


def test_a_project_needs_a_second_person(center: Center) -> None:
    center.work.run(lambda tx: propose_project(center, tx, ANNA, terms(center)))
    with pytest.raises(SecondPersonNeeded):
        center.work.run(lambda tx: approve_project(center, tx, ANNA, name="heart"))
    with center.work.begin(write=False) as tx:
        assert tx.projects.get("heart").state is ProjectState.PROPOSED
    project = center.work.run(lambda tx: approve_project(center, tx, BERT, name="heart"))
    assert project.is_active(center.clock.now())
    with center.work.begin(write=False) as tx:
        assert tx.domains.get(project.domain).project == "heart"


def test_a_clerk_proposes_nothing(center: Center) -> None:
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: propose_project(center, tx, CLERK, terms(center)))


def test_a_project_is_decided_once(center: Center) -> None:
    approved(center)
    with pytest.raises(Conflict):
        center.work.run(lambda tx: approve_project(center, tx, BERT, name="heart"))


def test_an_ended_project_releases_nothing(center: Center) -> None:
    approved(center)
    center.work.run(lambda tx: end_project(center, tx, ANNA, name="heart"))
    with pytest.raises(ProjectNotActive):
        center.work.run(
            lambda tx: request_release(center, tx, ANNA, project_name="heart", recipient="age1x")
        )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sites": (CenterName("nord"),)}, "at least two"),
        ({"sites": (CenterName("nord"), CenterName("nord"))}, "at least two"),
        ({"secret_holder": CenterName("foederiert")}, "secret holder"),
        ({"sites": (CenterName("nord"), CenterName("foederiert"))}, "never holds"),
        ({"purpose": "  "}, "purpose"),
        ({"schema_fingerprint": "sha256:00"}, "another fingerprint"),
        ({"linking_center": CenterName("ost")}, "takes no part"),
    ],
)
def test_terms_that_cannot_work_are_refused(
    center: Center, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidField, match=sentence):
        center.work.run(lambda tx: propose_project(center, tx, ANNA, terms(center, **change)))
    with center.work.begin(write=False) as tx, pytest.raises(UnknownProject):
        tx.projects.get("heart")


def test_terms_survive_their_journey_as_json(center: Center) -> None:
    document = terms_document(terms(center))
    assert terms_document(terms_from(document)) == document


def test_only_the_linking_center_offers_a_project_and_offering_twice_changes_nothing(
    tmp_path: Path, center: Center
) -> None:
    site = make_center(tmp_path, name="nord", role="local", alone=False)
    same = terms(center)
    stranger = replace(SUED, name="ost")
    with pytest.raises(NotAllowed):
        site.work.run(lambda tx: offer_project(site, tx, stranger, same))
    for _ in range(2):
        project = site.work.run(lambda tx: offer_project(site, tx, SUED, same))
        assert project.state is ProjectState.PROPOSED
    site.work.run(lambda tx: approve_project(site, tx, ANNA, name="heart"))
    with site.work.begin(write=False) as tx:
        assert tx.domains.get("heart.submission").project == "heart"
    with pytest.raises(Conflict):
        site.work.run(lambda tx: offer_project(site, tx, SUED, replace(same, purpose="other")))


def test_a_release_holds_every_person_once_with_the_sites_that_know_them(center: Center) -> None:
    key = pyrage.x25519.Identity.generate()
    submit(center, approved(center), (1, 1, "nord"), (2, 1, "sued"), (3, 3, "nord"))
    archive = released(center, str(key.to_public()))
    rows = rows_of(archive, str(key))
    assert sorted(row["sites"] for row in rows) == ["nord", "nord;sued"]
    assert len({row["project_pseudonym"] for row in rows}) == 2
    assert archive.manifest["counts"]["persons"] == 2
    assert archive.manifest["counts"]["persons_at_several_sites"] == 1
    assert archive.manifest["linkage"]["quality"] == "not estimated"


def test_the_next_release_names_the_same_persons_the_same(center: Center) -> None:
    key = pyrage.x25519.Identity.generate()
    submit(center, approved(center), (1, 1, "nord"), (2, 2, "sued"))
    first = rows_of(released(center, str(key.to_public())), str(key))
    second = rows_of(released(center, str(key.to_public())), str(key))
    names = [{row["project_pseudonym"] for row in rows} for rows in (first, second)]
    assert names[0] == names[1]


def test_a_person_joined_since_the_last_release_keeps_the_older_pseudonym_and_names_the_other(
    center: Center,
) -> None:
    key = pyrage.x25519.Identity.generate()
    submit(center, approved(center), (1, 1, "nord"), (2, 2, "sued"))
    before = {
        row["sites"]: row["project_pseudonym"]
        for row in rows_of(released(center, str(key.to_public())), str(key))
    }

    def join(tx: object) -> None:
        assert isinstance(tx, SqlTransaction)
        tx.connection.execute(update(identity).values(person=UUID(int=1)))

    center.work.run(join)
    (row,) = rows_of(released(center, str(key.to_public())), str(key))
    assert {row["project_pseudonym"], row["supersedes"]} == set(before.values())


def test_whose_consent_was_withdrawn_is_not_released(center: Center) -> None:
    key = pyrage.x25519.Identity.generate()
    submit(center, approved(center), (1, 1, "nord"), (2, 1, "sued"), (3, 3, "nord"))
    gone = frozenset({IdentityId(UUID(int=3)), IdentityId(UUID(int=2))})
    archive = released(center, str(key.to_public()), withdrawn=gone)
    assert [row["sites"] for row in rows_of(archive, str(key))] == ["nord"]
    assert archive.manifest["counts"]["excluded_without_consent"] == 2


def test_an_ssh_key_opens_a_release(center: Center, tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, env=os.environ
    )
    submit(center, approved(center), (1, 1, "nord"))
    archive = released(center, path.with_suffix(".pub").read_text())
    assert len(rows_of(archive, path.read_text())) == 1


def test_nobody_approves_their_own_release(center: Center) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    submit(center, approved(center), (1, 1, "nord"))
    center.work.run(
        lambda tx: request_release(center, tx, ANNA, project_name="heart", recipient=key)
    )
    with pytest.raises(SecondPersonNeeded):
        center.work.run(
            lambda tx: publish_release(center, tx, ANNA, project_name="heart", version=1)
        )
    with center.work.begin(write=False) as tx, pytest.raises(UnknownRelease):
        tx.releases.archive("heart", 1)


def test_a_refused_release_stays_refused(center: Center) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    submit(center, approved(center), (1, 1, "nord"))
    center.work.run(
        lambda tx: request_release(center, tx, ANNA, project_name="heart", recipient=key)
    )
    center.work.run(lambda tx: refuse_release(center, tx, BERT, project_name="heart", version=1))
    with pytest.raises(Conflict):
        center.work.run(
            lambda tx: publish_release(center, tx, BERT, project_name="heart", version=1)
        )


@pytest.mark.parametrize("recipient", ["", "age1nonsense", "ssh-dss AAAA", "-----BEGIN PGP"])
def test_a_key_that_is_none_is_refused(center: Center, recipient: str) -> None:
    approved(center)
    with pytest.raises(InvalidField, match="public key"):
        center.work.run(
            lambda tx: request_release(center, tx, ANNA, project_name="heart", recipient=recipient)
        )


@pytest.mark.parametrize("stranger", [PETER, CLERK], ids=lambda actor: actor.role)
def test_a_release_is_for_its_researcher_only(center: Center, stranger: Actor) -> None:
    key = pyrage.x25519.Identity.generate()
    submit(center, approved(center), (1, 1, "nord"))
    released(center, str(key.to_public()))
    with pytest.raises(NotAllowed):
        center.work.run(
            lambda tx: read_release(center, tx, stranger, project_name="heart", version=1)
        )


@pytest.mark.parametrize("version", [2, 2**31 - 1, 2**31, 10**30])
def test_a_version_that_never_was_is_unknown_however_large(center: Center, version: int) -> None:
    approved(center)
    with pytest.raises(UnknownRelease):
        center.work.run(
            lambda tx: read_release(center, tx, RITA, project_name="heart", version=version)
        )
