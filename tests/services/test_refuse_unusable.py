"""In a project's domain only those get a pseudonym whose data the project may use now; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linkage import schema
from tests.builders import make_center
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.consent import Provision
from ttp.core.errors import TTPError
from ttp.core.names import CenterName, ProjectName
from ttp.core.projects import Project, ProjectNotActive, Terms
from ttp.services.consents.import_consents import BroughtStatement, import_consents
from ttp.services.persons.register_identities import register_identities
from ttp.services.projects.propose_project import approve_project, end_project, propose_project
from ttp.services.pseudonyms.issue_pseudonyms import Answers, issue_pseudonyms

ANNA = Actor(ActorKind.STAFF, "anna", Role.STEWARD, domains=None)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
YEARS = ("1950", "1960", "1970")


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    """A site of a project that needs the policy ``use``, with three patients."""
    made = make_center(tmp_path, database_url, name="nord", role="local")
    records = [
        {"record_id": year, "surname": f"Name{year}", "birth_date": f"{year}-02-01"}
        for year in YEARS
    ]
    made.work.run(lambda tx: register_identities(made, tx, OPERATOR, source="kis", records=records))
    return made


def approved(center: Center) -> Project:
    terms = Terms(
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
    center.work.run(lambda tx: propose_project(center, tx, ANNA, terms))
    return center.work.run(lambda tx: approve_project(center, tx, ANNA, name="heart"))


def say(center: Center, record: str, provision: Provision) -> None:
    statement = BroughtStatement(record, "use", provision, SINCE, None)
    center.work.run(
        lambda tx: import_consents(center, tx, OPERATOR, source="kis", statements=[statement])
    )


def issue(center: Center, domain: str, originals: list[Any], *, create: bool = True) -> Answers:
    return center.work.run(
        lambda tx: issue_pseudonyms(
            center, tx, OPERATOR, domain_name=domain, originals=originals, create=create
        )
    )


def persons(center: Center) -> list[str]:
    records = [
        {"record_id": year, "surname": f"Name{year}", "birth_date": f"{year}-02-01"}
        for year in YEARS
    ]
    answers = center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source="kis", records=records)
    )
    return [str(one.person) for one in answers if not isinstance(one, TTPError)]


def codes(answers: Answers) -> list[str]:
    return [one.code if isinstance(one, TTPError) else "issued" for one in answers]


def test_who_permits_gets_one_who_denies_or_said_nothing_does_not(center: Center) -> None:
    project = approved(center)
    say(center, "1950", Provision.PERMIT)
    say(center, "1960", Provision.DENY)
    answers = issue(center, project.submission_domain, persons(center))
    assert codes(answers) == ["issued", "consent-missing", "consent-missing"]


def test_who_withdraws_gets_none_any_more(center: Center) -> None:
    project = approved(center)
    say(center, "1950", Provision.PERMIT)
    first = persons(center)[0]
    assert codes(issue(center, project.submission_domain, [first])) == ["issued"]
    say(center, "1950", Provision.DENY)
    assert codes(issue(center, project.submission_domain, [first])) == ["consent-missing"]


def test_what_is_no_person_of_this_center_gets_none(center: Center) -> None:
    project = approved(center)
    answers = issue(center, project.submission_domain, [str(UUID(int=7)), "K-1", ""])
    assert codes(answers) == ["consent-missing", "consent-missing", "invalid-original"]


def test_a_project_that_ended_issues_nothing(center: Center) -> None:
    project = approved(center)
    center.work.run(lambda tx: end_project(center, tx, ANNA, name="heart"))
    with pytest.raises(ProjectNotActive):
        issue(center, project.submission_domain, persons(center))


def test_the_linking_center_asks_for_no_consent_but_for_an_active_project(
    tmp_path: Path,
) -> None:
    linking = make_center(tmp_path, name="foederiert", role="federated")
    project = approved(linking)
    assert codes(issue(linking, project.domain, [str(UUID(int=7))])) == ["issued"]
    linking.work.run(lambda tx: end_project(linking, tx, ANNA, name="heart"))
    with pytest.raises(ProjectNotActive):
        issue(linking, project.domain, [str(UUID(int=8))])
