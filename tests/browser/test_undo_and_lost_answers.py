"""What has no next case to show: an undo that others rest on, and a decision whose answer was lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.server import served
from tests.browser.visits import Visit
from tests.pages.people import NORTH, make_cases
from ttp.core.center import Center
from ttp.core.desk import DecisionFilter, DecisionLine

pytestmark = pytest.mark.browser

UNKNOWN = "() => document.querySelector('#status').textContent.includes('Ob gespeichert wurde, ist nicht bekannt')"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Center]:
    """A center without any record."""
    with served(tmp_path / "empty") as running:
        yield running


def _decisions(center: Center) -> list[DecisionLine]:
    return center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False)


def _join(page: Page, center: Center) -> None:
    """Decide the only case: the same person."""
    page.goto(f"{center.public_url}/cases/first")
    page.keyboard.press("1")
    page.keyboard.press("g")
    page.wait_for_url("**/cases?decided=*")


def test_undoing_by_key_what_others_rest_on_names_them_and_undoes_them_together(
    empty: Center, chromium: Browser
) -> None:
    visit = Visit(chromium, empty.public_url)
    visit.log_in("clerk")
    for child in ("Lea", "Lena", "Lara"):
        make_cases(empty, [NORTH[0] | {"record_id": child, "given_name": child}], [])
        if child != "Lea":
            _join(visit.page, empty)
    _, first = _decisions(empty)
    visit.open(f"/cases/{first.case_id}?decided={first.id}")
    visit.page.keyboard.press("z")
    visit.page.wait_for_selector("#undo-blocked")
    assert [line.undone_at for line in _decisions(empty)] == [None, None]
    visit.page.get_by_role("button", name="Alle 2 Entscheidungen zurücknehmen").click()
    visit.page.wait_for_selector("#case")
    assert all(line.undone_by == "staff:clerk" for line in _decisions(empty))
    visit.close()


def test_of_a_decision_whose_answer_was_lost_nothing_is_claimed(
    visit: Visit, page: Page, center: Center
) -> None:
    """The decision is stored, the answer never arrives."""
    visit.expected.append("ERR_FAILED")
    page.goto(f"{center.public_url}/cases/first")
    page.route("**/decision", lambda route: (route.fetch(), route.abort()))
    page.keyboard.press("1")
    page.keyboard.press("g")
    page.wait_for_function(UNKNOWN)
    assert len(_decisions(center)) == 1
