"""Reviewing by keyboard: decide, give a reason, undo; a key never reaches a case its user has not seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.server import served
from tests.browser.visits import Visit
from tests.pages.people import NORTH, make_cases
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, DecisionFilter, DecisionLine
from ttp.core.persons import LOCAL
from ttp.core.review import Verdict

pytestmark = pytest.mark.browser

LEFT = "first => document.querySelector('#case')?.dataset.case !== first"
BACK = "first => document.querySelector('#case')?.dataset.case === first"
MOVED = "b => (c => c.case !== b[0] || c.version !== b[1])(document.querySelector('#case').dataset)"
CHANGED = "() => document.querySelector('#status').textContent.includes('inzwischen verändert')"
IDLE = "() => !('busy' in document.documentElement.dataset)"
WATCH = """() => addEventListener("keydown", (event) => {
  const shown = document.querySelector("#case")?.dataset.case;
  sessionStorage.pressed = (sessionStorage.pressed ?? "") + `${shown} ${event.key}\\n`;
}, true)"""
GIVEN = ("Lea", "Lena"), ("Tim", "Tom"), ("Jan", "Jana"), ("Mia", "Mila"), ("Ole", "Ola")
SURNAMES = ("Petersen", "Brandt", "Vogel", "Krause", "Seidel", "Winkler")


def _decisions(center: Center) -> list[DecisionLine]:
    return center.work.run(lambda tx: tx.desk.decisions(DecisionFilter(), limit=500), write=False)


def _waiting(center: Center) -> int:
    return center.work.run(lambda tx: tx.desk.count(CaseFilter()), write=False)


def _persons(center: Center) -> tuple[int, int]:
    return center.work.run(lambda tx: tx.identities.count(LOCAL), write=False)


def _shown(page: Page) -> str:
    return str(page.get_attribute("#case", "data-case"))


def test_a_clerk_decides_the_first_case_and_undoes_it(page: Page, center: Center) -> None:
    assert _persons(center) == (4, 4)
    page.keyboard.press("Enter")
    page.wait_for_selector("#case")
    first = _shown(page)
    page.keyboard.press("v")
    assert page.inner_text("#status") == "Grund wählen: 1 bis 4."
    page.keyboard.press("3")
    page.wait_for_function(LEFT, arg=first)
    assert "Als verschieden entschieden" in page.inner_text("#status")
    [decision] = _decisions(center)
    assert (str(decision.case_id), decision.verdict) == (first, Verdict.DIFFERENT)
    page.keyboard.press("z")
    page.wait_for_function(BACK, arg=first)
    assert page.inner_text("#status") == "Die Entscheidung ist zurückgenommen."
    assert _decisions(center)[0].undone_by == "staff:clerk"
    assert _waiting(center) == 2


def test_persons_follow_a_decision_and_its_undoing(page: Page, center: Center) -> None:
    page.goto(f"{center.public_url}/cases/first")
    for key, persons in (("1", None), ("g", 3), ("z", 4)):
        before = (
            page.get_attribute("#case", "data-case"),
            page.get_attribute("#case", "data-version"),
        )
        page.keyboard.press(key)
        if persons is None:
            continue
        page.wait_for_function(MOVED, arg=before)
        assert _persons(center) == (4, persons)


def test_the_free_text_reason_is_kept_and_letters_in_it_decide_nothing(
    page: Page, center: Center
) -> None:
    page.goto(f"{center.public_url}/cases/first")
    first = _shown(page)
    page.keyboard.press("g")
    page.keyboard.press("4")
    page.keyboard.type("vgs 123 z")
    assert _decisions(center) == []
    page.keyboard.press("Enter")
    page.wait_for_function(LEFT, arg=first)
    page.goto(f"{center.public_url}/cases/{first}")
    assert "Sonstiges: vgs 123 z" in page.inner_text("#case")


def test_letter_keys_can_be_switched_off_and_stay_so(page: Page, center: Center) -> None:
    page.goto(f"{center.public_url}/cases/first")
    page.keyboard.press("?")
    page.get_by_role("button", name="Ausschalten").click()
    page.wait_for_selector("html[data-letter-keys=off]")
    page.goto(f"{center.public_url}/cases/first")
    for key in "1gvsz":
        page.keyboard.press(key)
    page.get_by_role("button", name="Gleiche Person").focus()
    page.keyboard.press("Enter")
    assert page.inner_text("#status") == "Grund wählen: 1 bis 4."
    assert _decisions(center) == []


def test_a_case_that_changed_meanwhile_is_shown_again_and_not_decided(
    page: Page, center: Center, chromium: Browser
) -> None:
    page.goto(f"{center.public_url}/cases/first")
    first = _shown(page)
    with page.expect_response(lambda answer: answer.url.endswith("/lease")):
        other = Visit(chromium, center.public_url)
        other.log_in("steward")
    other.open(f"/cases/{first}")
    other.page.wait_for_selector("#take-over")
    other.page.keyboard.press("u")
    other.page.wait_for_selector("#take-over", state="detached")
    other.page.keyboard.press("s")
    other.page.wait_for_function(LEFT, arg=first)
    other.close()
    page.keyboard.press("1")
    page.keyboard.press("g")
    page.wait_for_function(CHANGED)
    assert [one.verdict for one in _decisions(center)] == [Verdict.LATER]


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Center]:
    """A center with many open cases: siblings in many families."""
    north = [_child(first, surname, place) for place, (first, _, surname) in enumerate(_pairs())]
    south = [_child(second, surname, place) for place, (_, second, surname) in enumerate(_pairs())]
    with served(tmp_path / "busy") as center:
        make_cases(center, north, south)
        yield center


def _pairs() -> list[tuple[str, str, str]]:
    return [(*pair, surname) for surname in SURNAMES for pair in GIVEN]


def _child(name: str, surname: str, place: int) -> dict[str, str]:
    birth = f"20{place % 20:02}-{place % 12 + 1:02}-{place % 28 + 1:02}"
    return NORTH[0] | {
        "record_id": f"{name}-{place}",
        "given_name": name,
        "surname": surname,
        "birth_date": birth,
        "postcode": f"2{place:04}",
    }


def _asks(page: Page) -> bool:
    """Whether a case is on the screen; a page that is just being left counts as one."""
    try:
        return page.query_selector("#case") is not None
    except Error:
        return True


def test_rapid_keys_never_decide_a_case_that_was_not_on_the_screen(
    chromium: Browser, busy: Center
) -> None:
    """200 keys at 20 a second: whatever is decided was shown when its keys were pressed, once, as pressed."""
    waiting = _waiting(busy)
    assert waiting >= 20
    visit = Visit(chromium, busy.public_url)
    visit.log_in("clerk")
    visit.open("/cases/first")
    page = visit.page
    page.evaluate(WATCH)
    for step in range(100):
        page.keyboard.press("1")
        page.wait_for_timeout(50)
        page.keyboard.press("gv"[step % 2])
        page.wait_for_timeout(50)
        if not _asks(page):
            break
    page.wait_for_function(IDLE)
    pressed = set(page.evaluate("sessionStorage.pressed").splitlines())
    decided = _decisions(busy)
    visit.close()
    keys = {Verdict.SAME: "g", Verdict.DIFFERENT: "v"}
    assert len(decided) >= min(20, waiting)
    assert len({one.case_id for one in decided}) == len(decided)
    assert all(f"{one.case_id} {keys[one.verdict]}" in pressed for one in decided)
    assert _waiting(busy) == waiting - len(decided)
