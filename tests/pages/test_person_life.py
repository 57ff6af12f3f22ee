"""Identities looked after on the page of their person: each step answers, and grave ones need a second person."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL, Identity
from ttp.core.review import Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.log.sequence_leaves import sequence_waiting
from ttp.services.persons.delete_identities import carry_out_deletion


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local", alone=False)
    make_person(made, Role.STEWARD)
    make_person(made, Role.STEWARD, "second")
    make_cases(made, NORTH[:1])
    return made


@pytest.fixture
def steward(center: Center) -> Browser:
    return Browser(center, "steward")


def _all(center: Center) -> list[Identity]:
    return center.work.run(
        lambda tx: list(
            tx.identities.get(
                [row.id for row in tx.identities.changed_since(LOCAL, 0, limit=99)]
            ).values()
        ),
        write=False,
    )


def _lea(center: Center) -> tuple[PersonId, IdentityId]:
    one = next(one for one in _all(center) if one.source == "klinik-nord")
    return one.person, one.id


def _delete(center: Center, approval: UUID) -> None:
    """The second person's yes; the worker that a page would wait for is the test's own step."""
    staff = center.work.run(lambda tx: tx.staff.by_name("second"), write=False)
    assert staff is not None
    actor = staff.actor()
    center.work.run(lambda tx: carry_out_deletion(center, tx, actor, tx.approvals.get(approval)))
    sequence_waiting(center, holder="test")


def _approve(center: Center, address: str) -> None:
    done = Browser(center, "second").post(address, answer="approve", comment="wish")
    assert done.status_code == 303


def test_an_identity_rests_comes_back_and_is_preferred(center: Center, steward: Browser) -> None:
    person, identity = _lea(center)
    path = f"/persons/{person}"
    for act, fields, done, seen in (
        ("rest", {"reason": "wish"}, "rested", "Die Identität ruht jetzt."),
        ("rest", {"reason": "wish"}, "nothing", "Das war schon so"),
        ("wake", {"reason": "mistake"}, "woken", "wieder abgeglichen"),
        ("prefer", {"pinned": "1"}, "preferred", "bevorzugt"),
        ("prefer", {"pinned": "0"}, "unpreferred", "Reihenfolge der Quellen"),
    ):
        sent = steward.post(f"{path}/{act}", identity=identity, **fields)
        assert sent.headers["Location"] == f"{path}?done={done}"
        assert seen in steward.get(path, done=done).text


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        pytest.param("rest", {"identity": "x", "reason": "wish"}, 422, id="no ID"),
        pytest.param("rest", {"reason": "because"}, 422, id="unknown reason"),
        pytest.param("wake", {}, 422, id="no reason"),
        pytest.param("delete", {"identity": [], "reason": "wish"}, 422, id="nothing chosen"),
        pytest.param("delete", {"reason": "wish", "note": ""}, 400, id="no note"),
        pytest.param("access", {"note": " "}, 400, id="blank note"),
    ],
)
def test_a_form_that_lacks_something_changes_nothing(
    center: Center, steward: Browser, act: str, fields: dict[str, str], status: int
) -> None:
    person, identity = _lea(center)
    before = _all(center)
    given: dict[str, Any] = {"identity": identity, **fields}
    sent = steward.post(f"/persons/{person}/{act}", **given)
    assert sent.status_code == status
    assert _all(center) == before


def test_an_identity_of_somebody_else_is_refused(center: Center, steward: Browser) -> None:
    person, _ = _lea(center)
    other = next(one.id for one in _all(center) if one.person != person)
    sent = steward.post(f"/persons/{person}/rest", identity=other, reason="wish")
    assert sent.status_code == 404


def test_what_hangs_on_an_identity_is_named_before_two_persons_delete_it(
    center: Center, steward: Browser
) -> None:
    [line, *_] = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            OPERATOR,
            case_id=line.case.id,
            verdict=Verdict.DIFFERENT,
            reason="relatives",
            version=line.case.version,
        )
    )
    person, identity = _lea(center)
    path = f"/persons/{person}/delete"
    asked: dict[str, Any] = {"identity": identity, "reason": "wish"}
    told = steward.post(path, note="letter of 3 March", **asked)
    assert told.status_code == 409
    assert "1 Entscheidung;" in told.text
    assert 'value="decisions"' in told.text
    sent = steward.post(path, note="letter of 3 March", named="decisions", **asked)
    address = sent.headers["Location"]
    assert "receipt" not in steward.get(address).text
    _delete(center, UUID(address.rsplit("/", 1)[-1]))
    assert steward.get(f"/persons/{person}").status_code == 404
    assert f"{address}/receipt" in steward.get(address).text
    receipt = steward.get(f"{address}/receipt")
    assert receipt.status_code == 200
    assert receipt.headers["Content-Disposition"].startswith("attachment")


def test_a_subject_access_is_made_once_after_a_second_person_agreed(
    center: Center, steward: Browser
) -> None:
    person, _ = _lea(center)
    address = steward.post(f"/persons/{person}/access", note="letter").headers["Location"]
    assert "/access" not in re.findall(r'action="([^"]+)"', steward.get(address).text)
    assert steward.post(f"{address}/access").status_code == 409
    _approve(center, address)
    assert f"{address}/access" in steward.get(address).text
    assert Browser(center, "second").post(f"{address}/access").status_code == 403
    document = steward.post(f"{address}/access")
    assert document.status_code == 200
    assert "Petersen" in document.text
    assert document.headers["Cache-Control"] == "no-store"
    assert steward.post(f"{address}/access").status_code == 409
