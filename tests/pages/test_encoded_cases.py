"""Cases of a federated center: similarities and evidence, never a name; decided like any other."""

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.pages.people import Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.identities import IdentityRow
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Contribution, IdentityKind
from ttp.core.ports import Transaction
from ttp.core.projects import population_of
from ttp.core.review import PossibleMatch
from ttp.services.cases.open_cases import open_cases
from ttp.services.persons.open_population import open_population

HERZ = population_of("herz")
WEIGHED = (
    Contribution("given_name", "close", 4.71, 0.643),
    Contribution("surname", "equal", 9.48, 1.0),
    Contribution("place", "different", -5.3, None),
)


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, name="foederiert", role="federated")
    make_person(made, Role.CLERK)
    return made


def _case(center: Center, match_of: tuple[Contribution, ...], **facts: str) -> CaseId:
    def make(tx: Transaction) -> CaseId:
        open_population(center, tx, name=HERZ)
        first, second = (_encoding(center, tx, site) for site in ("nord", "sued"))
        score = sum(one.weight for one in match_of)
        match = PossibleMatch(first, second, score, match_of, facts)
        return open_cases(center, tx, OPERATOR, population=HERZ, possible=[match])[0]

    return center.work.run(make)


def _encoding(center: Center, tx: Transaction, site: str) -> IdentityId:
    identity = IdentityId(center.new_id())
    mark = site.encode().ljust(16)
    row = IdentityRow(identity, IdentityKind.ENCODED, site, 1, mark, None, mark, b"sealed")
    tx.identities.add(HERZ, [row], at=center.clock.now(), leaf=LeafId(center.new_id()))
    return identity


def test_evidence_is_shown_field_by_field_with_its_weights(center: Center) -> None:
    case = _case(center, WEIGHED, encoding="0.871", evidence="possible")
    text = Browser(center, "clerk").get(f"/cases/{case}").text
    for shown in ("0,643", "+4,71", "+9,48", "−5,3", "+8,89", "0.871", "herz", "nord", "sued"):
        assert shown in text
    assert text.count("<rect") == len(WEIGHED) + 1
    assert "Namen gibt es hier nicht" in text
    assert "/reveal" not in text


def test_a_pair_without_evidence_says_so_and_draws_no_weights(center: Center) -> None:
    likeness = (Contribution("encoding", "match", 0.0, 0.871),)
    case = _case(center, likeness, evidence="unavailable", silent="sued")
    text = Browser(center, "clerk").get(f"/cases/{case}").text
    assert "nicht gewogen" in text
    assert "0,871" in text
    assert "<rect" not in text


def test_an_encoded_case_is_decided_by_the_same_form(center: Center) -> None:
    case = _case(center, WEIGHED)
    clerk = Browser(center, "clerk")
    form = {"verdict": "same", "reason": "typing-error", "version": "1"}
    assert clerk.post(f"/cases/{case}/decision", **form).status_code == 303
    assert center.work.run(lambda tx: tx.identities.count(HERZ), write=False) == (2, 1)


def test_a_federated_center_finds_nobody(center: Center) -> None:
    clerk = Browser(center, "clerk")
    response = clerk.post("/persons", surname="Petersen", birth_date="2015-09-17")
    assert response.status_code == 403
    assert "keine identifizierenden Angaben" in response.text
