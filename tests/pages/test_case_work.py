"""The work around cases on pages: batches, views, pairs, exclusions, confirmations, leases; and what interrupts it."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.decisions import Wish
from ttp.core.desk import CaseFilter, DecisionFilter, DecisionLine
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.review import ReviewCase, Verdict
from ttp.services.cases.decide_case import decide

Form = dict[str, Any]


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local")
    make_cases(made)
    make_person(made, Role.CLERK)
    make_person(made, Role.STEWARD)
    return made


@pytest.fixture
def clerk(center: Center) -> Browser:
    return Browser(center, "clerk")


def _cases(center: Center) -> list[ReviewCase]:
    lines = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    return [line.case for line in lines]


def _decisions(center: Center) -> list[DecisionLine]:
    return center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False)


def _selected(cases: list[ReviewCase]) -> list[str]:
    return [f"{case.id}.{case.version}" for case in cases]


def test_selected_cases_are_decided_together_and_undone_together(
    center: Center, clerk: Browser
) -> None:
    form: Form = {"case": _selected(_cases(center)), "act": "different", "reason": "relatives"}
    text = clerk.post("/cases/together", **form).text
    assert "2 Fälle entschieden" in text
    assert len({one.id for one in _decisions(center)}) == 2
    found = re.search(r"/cases/batches/[0-9a-f-]+/undo", text)
    assert found is not None
    assert clerk.post(found.group(0), reason="undone-at-once").status_code == 303
    assert len(_cases(center)) == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"act": "different"}, 400, id="no reason"),
        pytest.param({"act": "excluded", "reason": "relatives"}, 422, id="not for many"),
        pytest.param({"act": "same", "reason": "relatives", "case": "1"}, 422, id="no case"),
        pytest.param({"act": "assign", "assignee": "nobody"}, 422, id="no such colleague"),
        pytest.param({"act": "later", "until": "soon"}, 422, id="no day"),
    ],
)
def test_a_batch_that_says_too_little_changes_nothing(
    center: Center, clerk: Browser, fields: dict[str, str], status: int
) -> None:
    form: Form = {"case": _selected(_cases(center)), **fields}
    assert clerk.post("/cases/together", **form).status_code == status
    assert _decisions(center) == []


def test_cases_are_assigned_and_each_sees_their_own(center: Center, clerk: Browser) -> None:
    case = _cases(center)[0]
    clerk.post("/cases/together", case=_selected([case]), act="assign", assignee="clerk")
    counts = [
        clerk.get("/cases", assignee=whose).text.count('<th scope="row">')
        for whose in ("me", "nobody", "")
    ]
    assert counts == [1, 1, 2]


def test_views_are_kept_per_person_and_forgotten(center: Center, clerk: Browser) -> None:
    clerk.post("/cases/views", name="Dringend", query="overdue=on&source=klinik-nord")
    assert "/cases?overdue=on&amp;source=klinik-nord" in clerk.get("/cases").text
    assert "Dringend" not in Browser(center, "steward").get("/cases").text
    clerk.post("/cases/views", name="Dringend", drop="1")
    assert "Dringend" not in clerk.get("/cases").text
    assert clerk.post("/cases/views", name="Dringend", drop="1").status_code == 404


def test_the_export_holds_cases_and_no_value_of_a_patient(center: Center, clerk: Browser) -> None:
    response = clerk.get("/cases/export")
    assert response.mimetype == "text/csv"
    assert all(str(case.id) in response.text for case in _cases(center))
    for record in NORTH:
        assert record["surname"] not in response.text
        assert record["birth_date"] not in response.text


def test_a_pair_of_ones_own_says_why_nobody_was_asked(center: Center, clerk: Browser) -> None:
    pair: Form = {
        "source1": "klinik-nord",
        "record1": "n-1",
        "source2": "klinik-nord",
        "record2": "n-2",
    }
    response = clerk.post("/cases/pairs", **pair)
    assert response.status_code == 303
    assert "why=unlike" in response.headers["Location"]
    assert "zu unähnlich" in clerk.get(response.headers["Location"]).text
    assert clerk.post("/cases/pairs", **pair | {"record2": "x"}).status_code == 404


def test_what_contradicts_itself_is_joined_only_by_who_types_the_name_of_the_case(
    center: Center, clerk: Browser
) -> None:
    pair: Form = {
        "source1": "klinik-nord",
        "record1": "n-1",
        "source2": "klinik-nord",
        "record2": "n-2",
    }
    where = clerk.post("/cases/pairs", **pair).headers["Location"].split("?")[0]
    case_id = where.rpartition("/")[2]
    case = next(one for one in _cases(center) if str(one.id) == case_id)
    form: Form = {"verdict": "same", "reason": "relatives", "version": str(case.version)}
    asked = clerk.post(f"{where}/decision", **form)
    assert asked.status_code == 409
    assert "Geburtsdatum" in asked.text
    confirm: Form = {**form, "confirm": "birth_date"}
    assert clerk.post(f"{where}/decision", **confirm, typed="ABC").status_code == 422
    assert _decisions(center) == []
    typed = case_id[-6:].lower()
    assert clerk.post(f"{where}/decision", **confirm, typed=typed).status_code == 303
    assert [one.verdict for one in _decisions(center)] == [Verdict.SAME]


def test_one_member_of_a_group_is_excluded(tmp_path: Path) -> None:
    center = make_center(tmp_path, role="local")
    make_person(center, Role.CLERK)
    clerk = Browser(center, "clerk")
    children = [
        NORTH[0] | {"record_id": name, "given_name": name} for name in ("Lea", "Lena", "Lara")
    ]
    for child in children:
        make_cases(center, [child], [])
    (case,) = _cases(center)
    text = clerk.get(f"/cases/{case.id}").text
    members = re.findall(r'name="member" value="([^"]+)"', text)
    assert len(members) == 3
    form: Form = {"member": members[0], "reason": "relatives", "version": str(case.version)}
    assert clerk.post(f"/cases/{case.id}/exclude", **form).status_code == 303
    assert [one.verdict for one in _decisions(center)] == [Verdict.EXCLUDED]
    assert center.work.run(lambda tx: tx.identities.count(LOCAL), write=False) == (3, 2)


def test_who_works_on_a_case_is_seen_and_taken_over_from_knowingly(
    center: Center, clerk: Browser
) -> None:
    case = _cases(center)[0]
    assert clerk.post(f"/cases/{case.id}/lease").status_code == 204
    steward = Browser(center, "steward")
    assert "clerk bearbeitet diesen Fall" in steward.get(f"/cases/{case.id}").text
    form: Form = {"verdict": "different", "reason": "relatives", "version": str(case.version)}
    assert steward.post(f"/cases/{case.id}/decision", **form).status_code == 409
    assert steward.post(f"/cases/{case.id}/lease", take_over="1").status_code == 303
    assert steward.post(f"/cases/{case.id}/decision", **form).status_code == 303


def test_a_field_is_uncovered_step_by_step(center: Center, clerk: Browser) -> None:
    case = _cases(center)[0]
    text = clerk.get(f"/cases/{case.id}").text
    (pair,) = set(re.findall(r'name="pair" value="([^"]+)"', text))
    for _ in range(2):
        response = clerk.post(f"/cases/{case.id}/uncover", pair=pair, field="surname")
        assert response.status_code == 303
    text = clerk.get(f"/cases/{case.id}").text
    assert {"Petersen", "Brandt"} & set(re.findall(r"\w+", text))


def test_the_impact_is_shown_before_anything_is_decided(center: Center, clerk: Browser) -> None:
    case = _cases(center)[0]
    assert "Zusammengeführte Personen" in clerk.get(f"/cases/{case.id}/impact").text
    assert _decisions(center) == []


def test_a_session_that_ends_before_a_decision_decides_nothing(
    center: Center, clerk: Browser
) -> None:
    """Whoever logs in again finds the case, open; sending the form again decides it once."""
    case = _cases(center)[0]
    form: Form = {"verdict": "different", "reason": "relatives", "version": str(case.version)}
    clerk.post("/logout")
    gone = clerk.post(f"/cases/{case.id}/decision", **form)
    assert "/login" in gone.headers["Location"]
    assert _decisions(center) == []
    clerk.log_in("clerk")
    assert clerk.post(f"/cases/{case.id}/decision", **form).status_code == 303
    assert clerk.post(f"/cases/{case.id}/decision", **form).status_code == 409
    assert len(_decisions(center)) == 1


def test_a_service_killed_before_the_commit_has_neither_decided_nor_told(center: Center) -> None:
    """Decision, edges, leaf and events are rows of one transaction: all of them or none."""
    case = _cases(center)[0]
    actor = Actor(ActorKind.STAFF, "clerk", Role.CLERK, domains=None)

    class Killed(BaseException):
        """As if the process had ended here."""

    def killed(tx: Transaction) -> None:
        decide(center, tx, actor, Wish(Verdict.SAME, "same", case.id, case.version))
        raise Killed

    before = _everything(center)
    with pytest.raises(Killed):
        center.work.run(killed)
    assert _everything(center) == before


def _everything(center: Center) -> tuple[object, ...]:
    with center.work.begin(write=False) as tx:
        leaves = [leaf.id for leaf in tx.audit.unsequenced(1000)]
        return leaves, tx.identities.count(LOCAL), tx.review.count(), _decisions(center)
