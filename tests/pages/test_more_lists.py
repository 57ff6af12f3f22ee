"""Lists that grow with work: keys and their copies, persons found, reviewers, own sessions; narrowed and paged."""

import re
from functools import partial

import pytest

from keys.keyring import Purpose
from tests.builders import make_center, make_domain
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.pages.listed import PAGE
from ttp.services.access.open_session import open_session
from ttp.services.cases.decide_case import decide_case
from ttp.services.custody.back_up_keyring import back_up_keyring
from ttp.services.custody.confirm_disposal import confirm_disposal
from ttp.services.custody.rotate_keys import request_rotation
from ttp.services.quality.answer_check import keep_decision_time

MANY = PAGE + 2
REVIEWER = re.compile(r'<th scope="row">(r-\d\d)</th>')


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    made = make_center(tmp_path_factory.mktemp("lists"), role="local")
    make_person(made, Role.STEWARD)
    for name in ("diz", "bio"):
        make_domain(made, name)
        made.work.run(partial(_rotate, made, name))
    return made


def _rotate(center: Center, scope: str, tx: Transaction) -> None:
    request_rotation(center, tx, OPERATOR, purpose=Purpose.SEAL, scope=scope)


@pytest.fixture(scope="module")
def steward(center: Center) -> Browser:
    return Browser(center, "steward")


def _copies(text: str) -> int:
    return text.count("/keys/backups/")


def test_rotations_are_narrowed_by_scope(steward: Browser) -> None:
    rotations = steward.get("/keys", scope="bio").text.split('id="rotations"')[1]
    shown = rotations.split("</section>")[0]
    assert "<td>bio</td>" in shown
    assert "<td>diz</td>" not in shown
    assert "hx-get=&#34;/keys?scope=bio" in shown.replace('"', "&#34;")


def test_copies_of_the_keyring_are_paged_and_those_gone_can_be_left_out(
    center: Center, steward: Browser
) -> None:
    copies = [
        center.work.run(lambda tx: back_up_keyring(center, tx, OPERATOR))[0] for _ in range(MANY)
    ]
    assert _copies(steward.get("/keys").text) == PAGE
    assert _copies(steward.get("/keys", backups=str(PAGE)).text) == 2
    center.work.run(lambda tx: confirm_disposal(center, tx, OPERATOR, backup_id=copies[-1].id))
    assert str(copies[-1].id) in steward.get("/keys").text
    assert str(copies[-1].id) not in steward.get("/keys", kept="on").text


def test_persons_found_are_paged_and_narrowed_by_source_in_forms(
    center: Center, steward: Browser
) -> None:
    records = [NORTH[0] | {"record_id": f"r-{number}"} for number in range(MANY)]
    make_cases(center, records, [NORTH[0]])
    fields = {name: NORTH[0][name] for name in ("given_name", "surname", "birth_date")}
    pages = [steward.post("/persons", after=str(at), **fields).text for at in (0, PAGE)]
    assert [page.count('href="/persons/') for page in pages] == [PAGE, MANY + 1 - PAGE]
    assert f'name="after" value="{PAGE}"' in pages[0]
    found = steward.post("/persons", source="klinik-sued", **fields).text
    assert found.count('href="/persons/') == 1
    assert 'name="surname" value="Petersen"' in found


def test_reviewers_are_paged_and_narrowed_by_name(center: Center, steward: Browser) -> None:
    make_cases(center, [NORTH[1]], [NORTH[1] | {"given_name": "Tom", "record_id": "t-2"}])
    line = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)[0]
    for number in range(MANY):
        actor = Actor(ActorKind.STAFF, f"r-{number:02}", Role.CLERK, domains=None)
        center.work.run(partial(_postpone, center, actor, line.case.id))
    shown = [steward.get("/quality", people=str(at)).text for at in (0, PAGE)]
    assert [len(REVIEWER.findall(text)) for text in shown] == [PAGE, 2]
    assert REVIEWER.findall(steward.get("/quality", text="R-07").text) == ["r-07"]


def _postpone(center: Center, actor: Actor, case_id: CaseId, tx: Transaction) -> None:
    version = tx.review.get(case_id).version
    made = decide_case(
        center,
        tx,
        actor,
        case_id=case_id,
        verdict=Verdict.LATER,
        reason="postponed",
        version=version,
    )
    keep_decision_time(tx, actor, decision=made, seconds=8.0)


def _open(center: Center, name: str, tx: Transaction) -> None:
    staff = tx.staff.by_name(name)
    assert staff is not None
    open_session(center, tx, staff)


def test_own_sessions_are_paged_and_narrowed_by_day(center: Center) -> None:
    name = make_person(center, Role.CLERK)
    for _ in range(MANY - 1):
        center.work.run(partial(_open, center, name))
    clerk = Browser(center, name)
    shown = [clerk.get("/account", sessions=str(at)).text for at in (0, PAGE)]
    rows = [text.split("</thead>")[-1].count("<tr>") for text in shown]
    assert rows == [PAGE, 2]
    late = clerk.get("/account", since="2999-01-01").text
    assert late.split("</thead>")[-1].count("<tr>") == 0
