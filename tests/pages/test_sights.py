"""How pages are seen belongs to the account; groups and histories show what joins records, and no value of them."""

import html
import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.names import IdentityId, PersonId, PopulationName
from ttp.pages.group_drawing import draw_group
from ttp.services.persons.show_group import MOST_MEMBERS, GroupMember, GroupView


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local")
    for role in (Role.CLERK, Role.STEWARD):
        make_person(made, role)
    return made


def test_settings_follow_the_account_to_another_browser_and_no_other_account(
    center: Center,
) -> None:
    first = Browser(center, "clerk")
    chosen = {"theme": "dark", "density": "dense", "keys": "off", "language": "en"}
    first.post("/settings", next="/settings?kept=1", **chosen)
    elsewhere = Browser(center, "clerk").get("/settings").text
    assert 'data-kern-theme="dark" data-density="dense" data-letter-keys="off"' in elsewhere
    assert '<html lang="en"' in elsewhere
    first.log_in("steward")
    assert 'data-density="normal" data-letter-keys="on"' in first.get("/settings").text


def test_one_choice_leaves_the_others_as_they_are(center: Center) -> None:
    clerk = Browser(center, "clerk")
    clerk.post("/settings", theme="dark", density="dense")
    clerk.post("/settings", keys="off", theme="pink")
    shown = clerk.get("/settings").text
    assert 'data-kern-theme="dark" data-density="dense" data-letter-keys="off"' in shown


def test_visitors_choose_for_their_browser(center: Center) -> None:
    visitor = Browser(center)
    visitor.post("/settings", next="/login", theme="light", language="en")
    assert '<html lang="en" data-kern-theme="light"' in visitor.get("/login").text


def _case(center: Center) -> str:
    [line, *_] = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    return str(line.case.id)


def test_the_group_of_a_case_names_its_records_and_the_open_question(center: Center) -> None:
    make_cases(center)
    clerk = Browser(center, "clerk")
    shown = html.unescape(clerk.get(f"/cases/{_case(center)}/graph").text)
    assert shown.count('class="node ') == 2
    assert 'class="edge edge--asked"' in shown
    assert "offene Frage" in shown
    assert "klinik-nord" in shown
    assert not any(NORTH[0][field] in shown for field in ("surname", "birth_date", "postcode"))


def test_the_group_of_a_person_shows_who_made_which_edge(center: Center) -> None:
    make_cases(center, NORTH, [NORTH[0] | {"record_id": "s-1"}])
    clerk = Browser(center, "clerk")
    found = clerk.post("/persons", system="klinik-nord", value="n-1").text
    [person] = set(re.findall(r'href="(/persons/[0-9a-f-]{36})"', found))
    page = clerk.get(person).text
    assert page.count('class="moment ') == 3
    graph = clerk.get(f"{person}/graph").text
    assert 'class="edge edge--same"' in graph
    assert "model:" in graph
    assert clerk.get("/persons/00000000-0000-4000-8000-000000000000/graph").status_code == 404


def test_more_records_than_can_be_seen_are_not_drawn() -> None:
    members = [
        GroupMember(IdentityId(UUID(int=place)), "x", PersonId(UUID(int=place // 2)), place)
        for place in range(MOST_MEMBERS + 1)
    ]
    local = PopulationName("local")
    assert draw_group(GroupView(local, members, [], [])) is None
    drawn = draw_group(GroupView(local, members[:-1], [], []))
    assert drawn is not None
    assert all(0 < node.x < 640 and 0 < node.y < 400 for node in drawn.nodes)
