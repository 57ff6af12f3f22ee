"""Splitting a person on pages: ticked, foreseen by name, decided, undone; and the same names before a joining."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, Browser, make_cases, make_person
from tests.services.person_domains.persons import ask, person_domain
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, DecisionFilter
from ttp.core.domain_policy import LifeCycle
from ttp.core.names import PersonId
from ttp.core.persons import LOCAL
from ttp.core.pseudonyms import Issued
from ttp.services.domains.lead_domain import lead_domain
from ttp.services.work.show_overview import show_overview

TWIN = NORTH[0] | {"record_id": "s-1"}
UUIDS = re.compile(r'name="leaving" value="([0-9a-f-]{36})"')
Form = dict[str, Any]


@pytest.fixture
def center(tmp_path: Path) -> Center:
    """One person of two records, which the model joined."""
    made = make_center(tmp_path, role="local")
    make_cases(made, NORTH[:1], [TWIN])
    make_person(made, Role.CLERK)
    return made


@pytest.fixture
def clerk(center: Center) -> Browser:
    return Browser(center, "clerk")


def _persons(center: Center) -> int:
    return center.work.run(lambda tx: tx.identities.count(LOCAL), write=False)[1]


def _split_form(center: Center, clerk: Browser) -> tuple[PersonId, list[str]]:
    text = clerk.post("/persons", surname="Petersen", birth_date="2015-09-17").text
    found = re.search(r"/persons/([0-9a-f-]{36})", text)
    assert found is not None
    page = clerk.get(f"/persons/{found.group(1)}/split").text
    return PersonId(found.group(1)), UUIDS.findall(page)  # type: ignore[arg-type]  # as URLs have it


def test_a_person_is_split_after_its_survivors_were_named_and_made_whole_again(
    center: Center, clerk: Browser
) -> None:
    assert _persons(center) == 1
    person, records = _split_form(center, clerk)
    form: Form = {"leaving": records[1:], "reason": "relatives"}
    shown = clerk.post(f"/persons/{person}/split", **form).text
    assert shown.count("L•• P••••••• 2015") == 2
    assert {"klinik-nord", "klinik-sued"} <= set(re.findall(r"klinik-\w+", shown))
    assert _persons(center) == 1
    done = clerk.post(f"/persons/{person}/split/decision", seen=records, **form)
    assert _persons(center) == 2
    page = clerk.get(done.headers["Location"]).text
    found = re.search(r"/decisions/[0-9a-f-]+/undo", page)
    assert found is not None
    assert clerk.post(found.group(0), reason="undone-at-once").status_code == 303
    assert _persons(center) == 1


@pytest.mark.parametrize("leaving", [[], [0, 1]], ids=["nobody", "everybody"])
def test_who_goes_are_some_and_not_all(center: Center, clerk: Browser, leaving: list[int]) -> None:
    person, records = _split_form(center, clerk)
    form: Form = {"leaving": [records[one] for one in leaving], "reason": "relatives"}
    assert clerk.post(f"/persons/{person}/split", **form).status_code == 422
    answer = clerk.post(f"/persons/{person}/split/decision", seen=records, **form)
    assert answer.status_code == 422
    assert _persons(center) == 1


def test_a_person_that_changed_since_it_was_foreseen_is_not_split(
    center: Center, clerk: Browser
) -> None:
    person, records = _split_form(center, clerk)
    make_cases(center, [], [TWIN | {"record_id": "s-9"}])
    form: Form = {"leaving": records[1:], "seen": records, "reason": "relatives"}
    assert clerk.post(f"/persons/{person}/split/decision", **form).status_code == 409
    assert center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False) == []


def test_before_a_joining_the_person_and_its_record_are_named(
    center: Center, clerk: Browser
) -> None:
    make_cases(center, [], [NORTH[0] | {"record_id": "s-2", "given_name": "Lena"}])
    [line] = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    shown = clerk.get(f"/cases/{line.case.id}/impact").text
    oldest = min(one for pair in _asked(center) for one in pair)
    table = shown.split("<tbody>")[1]
    assert str(oldest)[-6:].upper() in table
    assert "L•• P••••••• 2015" in table or "L••• P••••••• 2015" in table


def test_the_current_pseudonym_of_each_domain_is_told_apart_by_its_record_and_not_shown(
    center: Center, clerk: Browser
) -> None:
    person_domain(center)
    asked = [{"source": "klinik-sued", "record_id": "s-1"}]
    [issued] = ask(center, asked)
    assert isinstance(issued, Issued)
    person, records = _split_form(center, clerk)
    form: Form = {"leaving": records[1:], "reason": "relatives"}
    shown = clerk.post(f"/persons/{person}/split", **form).text
    assert "study: 1" in shown
    assert "aktuell: das von klinik-" in shown
    assert issued.pseudonym not in shown


def _row(page: str, name: str) -> int:
    """The number that the table of changes tells under a name."""
    found = re.search(rf'<th scope="row">{name}</th><td class="numeric">(\d+)</td>', page)
    assert found is not None, name
    return int(found.group(1))


def _told_for(center: Center, domain: str, *records: str) -> set[str]:
    """Ask for pseudonyms of these records, which is on record; returns the pseudonyms."""
    names = [
        {"source": f"klinik-{'nord' if one.startswith('n') else 'sued'}", "record_id": one}
        for one in records
    ]
    answers = ask(center, names, domain=domain)
    return {one.pseudonym for one in answers if isinstance(one, Issued)}


def test_pseudonyms_that_a_split_draws_are_counted_before_and_drawn_as_counted(
    center: Center, clerk: Browser
) -> None:
    make_cases(center, [], [TWIN | {"record_id": "s-2"}])
    for name in ("register", "study"):
        person_domain(center, name)
        assert len(_told_for(center, name, "n-1", "s-1", "s-2")) == 1
    person_domain(center, "asked-once")
    _told_for(center, "asked-once", "n-1")
    person, records = _split_form(center, clerk)
    form: Form = {"leaving": records[1:], "reason": "relatives"}
    shown = clerk.post(f"/persons/{person}/split", **form).text
    names = ("Datensätze", "Geteilte Personen", "Neu gezogene Pseudonyme", "Pseudonyme")
    assert [_row(shown, name) for name in names] == [3, 1, 2, 2]
    assert shown.count("ein neues wird gezogen") == 2
    assert [shown.count(f"{name}: {n}") for name in ("register", "study") for n in (0, 1)] == [
        1
    ] * 4
    assert [shown.count(f"asked-once: {n}") for n in (0, 1)] == [0, 1]
    before = _pseudonyms_known(center)
    clerk.post(f"/persons/{person}/split/decision", seen=records, **form)
    assert _pseudonyms_known(center) == before + 2


def test_a_domain_that_issues_nothing_now_is_foreseen_to_draw_nothing(
    center: Center, clerk: Browser
) -> None:
    person_domain(center)
    _told_for(center, "study", "n-1", "s-1")
    center.work.run(
        lambda tx: lead_domain(center, tx, OPERATOR, domain="study", to=LifeCycle.FROZEN)
    )
    person, records = _split_form(center, clerk)
    form: Form = {"leaving": records[1:], "reason": "relatives"}
    shown = clerk.post(f"/persons/{person}/split", **form).text
    assert _row(shown, "Neu gezogene Pseudonyme") == 0
    assert _row(shown, "Pseudonyme") == 1
    assert "ein neues wird gezogen" not in shown
    before = _pseudonyms_known(center)
    clerk.post(f"/persons/{person}/split/decision", seen=records, **form)
    assert _persons(center) == 2
    assert _pseudonyms_known(center) == before


def _pseudonyms_known(center: Center) -> int:
    with center.work.begin(write=False) as tx:
        return show_overview(tx, OPERATOR).counts.pseudonyms


def _asked(center: Center) -> list[tuple[Any, Any]]:
    lines = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    asked = center.work.run(
        lambda tx: tx.review.pairs([line.case.id for line in lines]), write=False
    )
    return [pair.match.pair for found in asked.values() for pair in found]
