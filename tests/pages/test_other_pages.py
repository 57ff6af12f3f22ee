"""Persons, approvals, releases, domains, clients and the audit log, as their forms and tables work."""

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.approvals import Approval, ApprovalKind, ApprovalState
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.list_leaves import PAGE, LeafFilter, list_leaves
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.log.sequence_leaves import sequence_leaves

PERSON = re.compile(r'href="(/persons/[0-9a-f-]{36})"')


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local", alone=False)
    for role in (Role.CLERK, Role.STEWARD, Role.AUDITOR, Role.RESEARCHER):
        make_person(made, role)
    return made


def _facts(center: Center, action: str) -> list[dict[str, object]]:
    page = center.work.run(
        lambda tx: list_leaves(center, tx, OPERATOR, wanted=LeafFilter(action=action))
    )
    return [leaf.body for leaf in page.leaves]


def test_a_person_is_found_by_fields_by_record_and_shown_by_a_glimpse(center: Center) -> None:
    make_cases(center)
    clerk = Browser(center, "clerk")
    by_fields = clerk.post("/persons", surname="Petersen", birth_date="2015-09-17").text
    by_record = clerk.post("/persons", system="klinik-nord", value="n-1").text
    assert set(PERSON.findall(by_record)) < set(PERSON.findall(by_fields))
    shown = html.unescape(clerk.get(PERSON.findall(by_record)[0]).text)
    assert "P•••••••" in shown
    assert "2015••••••" in shown
    assert not any(NORTH[0][field] in shown for field in ("surname", "birth_date", "postcode"))
    assert len(_facts(center, "person.shown")) == 1
    assert len(_facts(center, "persons.searched")) == 2


def test_no_identifier_of_a_search_stands_in_the_log_or_a_url(center: Center) -> None:
    make_cases(center)
    clerk = Browser(center, "clerk")
    clerk.post("/persons", surname="Petersen", birth_date="2015-09-17")
    clerk.post("/persons", system="klinik-nord", value="n-1")
    assert "Petersen" not in json.dumps(_facts(center, ""))
    assert '"n-1"' not in json.dumps(_facts(center, ""))
    assert 'method="get"' not in clerk.get("/persons").text


def test_a_person_is_revealed_with_a_reason_only(center: Center) -> None:
    make_cases(center)
    clerk = Browser(center, "clerk")
    found = clerk.post("/persons", system="klinik-nord", value="n-1").text
    path = f"{PERSON.findall(found)[0]}/reveal"
    assert clerk.post(path, reason="").status_code == 400
    assert "Petersen" in clerk.post(path, reason="patient asks").text
    assert [body["purpose"] for body in _facts(center, "person.revealed")] == ["patient asks"]


def test_a_search_without_enough_says_what_is_missing(center: Center) -> None:
    response = Browser(center, "clerk").post("/persons", surname="Petersen")
    assert response.status_code == 400
    assert "Geburtsdatum" in response.text


def _ask(center: Center, by: str) -> Approval:
    approval = Approval(
        center.new_id(), ApprovalKind.PROJECT, {"project": "none"}, by, datetime.now(UTC)
    )
    center.work.run(lambda tx: tx.approvals.add(approval))
    return approval


def test_open_requests_are_listed_and_ones_own_cannot_be_approved(center: Center) -> None:
    own, others = _ask(center, "steward"), _ask(center, "somebody")
    steward = Browser(center, "steward")
    text = steward.get("/approvals").text
    for one, buttons in ((own, 0), (others, 1)):
        assert f"/approvals/{one.id}" in text
        shown = steward.get(f"/approvals/{one.id}").text
        assert shown.count('value="approve"') == buttons
        assert shown.count('value="refuse"') == 1


def test_an_answer_to_a_request_whose_subject_is_gone_changes_nothing(center: Center) -> None:
    approval = _ask(center, "somebody")
    steward = Browser(center, "steward")
    assert steward.post(f"/approvals/{approval.id}", answer="approve").status_code == 404
    stored = center.work.run(lambda tx: tx.approvals.get(approval.id))
    assert stored.state is ApprovalState.OPEN


def test_a_domain_is_made_and_counted(center: Center) -> None:
    steward = Browser(center, "steward")
    form = {
        "name": "study",
        "alphabet": "digits",
        "length": "9",
        "prefix": "S-",
        "check": "iso7064",
    }
    assert steward.post("/domains", **form).status_code == 303
    assert "S-xxxxxxxxxc" in steward.get("/domains").text
    assert steward.post("/domains", **form).status_code == 409
    for defect in ({"name": "Study"}, {"length": "0"}, {"length": "x"}, {"alphabet": "1"}):
        changed = {**form, "name": "other", **defect}
        assert steward.post("/domains", **changed).status_code in {400, 422}


def test_a_client_gets_a_key_that_is_shown_once_and_works(center: Center) -> None:
    make_domain(center)
    steward = Browser(center, "steward")
    form = {"name": "etl", "role": "pipeline", "domain": "diz", "resolve": "on"}
    key = re.findall(r'class="secret">([^<]+)<', steward.post("/clients", **form).text)[0]
    assert key not in steward.get("/clients").text
    headers = {"Authorization": f"Bearer {key}"}
    issue = {"originals": ["0012"]}
    path = "/api/v1/domains/diz/pseudonyms"
    assert steward._http.post(path, json=issue, headers=headers).status_code == 200
    assert steward.post("/clients/revoke", name="etl").status_code == 303
    assert steward._http.post(path, json=issue, headers=headers).status_code == 401


def test_the_audit_log_is_read_backwards_page_by_page_without_a_gap(center: Center) -> None:
    _many_leaves(center, 2 * PAGE + 7)
    auditor = Browser(center, "auditor")
    center.work.run(lambda tx: sequence_leaves(center, tx, holder="test"))
    seen, query = [], {"action": "task.requested"}
    while True:
        text = auditor.get("/audit", **query).text
        seen += re.findall(r"<b>number</b> (\d+)", text)
        following = re.findall(r'rel="next" href="/audit\?before=(\d+)', text)
        if not following:
            break
        query["before"] = following[0]
    assert sorted(map(int, seen)) == list(range(2 * PAGE + 7))


def _many_leaves(center: Center, count: int) -> None:
    def write(tx: Transaction) -> None:
        for number in range(count):
            record_leaf(
                center, tx, OPERATOR, Act(EventKind.TASK_REQUESTED, facts={"number": str(number)})
            )

    center.work.run(write)


def test_the_audit_log_filters_by_actor_and_notes_that_it_was_read(center: Center) -> None:
    auditor = Browser(center, "auditor")
    assert "session.opened" in auditor.get("/audit", name="auditor").text
    assert "session.opened" not in auditor.get("/audit", name="nobody").text
    assert len(_facts(center, "audit.read")) >= 2


def test_the_audit_log_filters_by_domain_and_day(center: Center) -> None:
    auditor = Browser(center, "auditor")
    make_domain(center, "herz")
    today = f"{center.clock.now():%Y-%m-%d}"
    assert "domain.created" in auditor.get("/audit", domain="herz", first=today, last=today).text
    assert "session.opened" not in auditor.get("/audit", domain="herz").text
    for query in ({"first": "2999-01-01"}, {"last": "1999-12-31"}, {"domain": "lunge"}):
        assert "domain.created" not in auditor.get("/audit", **query).text


def test_a_researcher_sees_no_release_of_others_and_no_number_of_persons(center: Center) -> None:
    researcher = Browser(center, "researcher")
    assert "Keine Freigabe." in researcher.get("/releases").text
    assert "0 offene" not in researcher.get("/").text


def test_the_banner_of_demo_mode_stands_on_every_page_and_only_then(tmp_path: Path) -> None:
    for alone in (True, False):
        made = make_center(tmp_path / str(alone), alone=alone)
        assert ("Vorführbetrieb" in Browser(made).get("/login").text) is alone


def test_language_and_theme_are_remembered(center: Center) -> None:
    browser = Browser(center, "clerk")
    assert browser.post("/settings", next="/help", language="en").headers["Location"] == "/help"
    browser.post("/settings", theme="dark")
    text = browser.get("/help").text
    assert '<html lang="en" data-kern-theme="dark"' in text
    assert "Letter keys are switched on." in text
