"""Lists that a page has whole are narrowed and shown a page at a time, and say so in their address."""

import re

import pytest

from tests.builders import make_center, make_domain, make_key
from tests.pages.people import Browser, make_person
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.pages.listed import PAGE

ROW = re.compile(r'<th scope="row">(c-\d\d)</th>')


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Center:
    made = make_center(tmp_path_factory.mktemp("lists"), role="local")
    make_person(made, Role.STEWARD)
    make_domain(made)
    for number in range(PAGE + 2):
        make_key(made, "diz", name=f"c-{number:02}")
    return made


@pytest.fixture(scope="module")
def steward(center: Center) -> Browser:
    return Browser(center, "steward")


def test_each_list_has_a_place_of_its_own_and_every_row_is_on_one_page(steward: Browser) -> None:
    first = steward.get("/clients").text
    assert f"clients={PAGE}" in first
    second = steward.get("/clients", clients=str(PAGE)).text
    names = [f"c-{number:02}" for number in range(PAGE + 2)]
    table = second.split("</table>")[0]
    assert ROW.findall(first.split("</table>")[0]) == names[:PAGE]
    assert ROW.findall(table) == names[PAGE:]
    assert len(ROW.findall(second.split("</table>")[1])) == PAGE


def test_a_text_narrows_all_lists_and_stays_while_turning_pages(steward: Browser) -> None:
    shown = steward.get("/clients", text="C-07").text
    assert set(ROW.findall(shown)) == {"c-07"}
    assert "text=c-&amp;" in steward.get("/clients", text="c-").text
    told = steward.get("/clients", text="nobody").text
    assert "Nichts passt." in told, re.findall("class=.empty.>[^<]*", told)


def test_ended_ones_are_listed_apart(steward: Browser) -> None:
    steward.post("/clients/revoke", name="c-03")
    ended = steward.get("/clients", state="ended").text
    assert ROW.findall(ended.split("</table>")[0]) == ["c-03"]


@pytest.mark.parametrize("place", ["-1", "x", "999"])
def test_a_place_that_is_none_shows_the_first_page(steward: Browser, place: str) -> None:
    assert ROW.findall(steward.get("/clients", clients=place, text="c-00").text)[0] == "c-00"


@pytest.mark.parametrize("path", ["/clients", "/matching", "/peers", "/releases", "/projects"])
def test_a_state_that_is_none_is_refused(steward: Browser, path: str) -> None:
    assert steward.get(path).status_code == 200
    assert steward.get(path, state="nowhere").status_code == 422
