"""Blind checks and practice by keyboard alone; how long a decision took is measured where it is made."""

import pytest
from playwright.sync_api import Page

from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.quality_desk import CheckKind
from ttp.services.quality.draw_checks import plant_gold

pytestmark = pytest.mark.browser

QUIET = 350  # letters in the first 300 ms of a page were meant for the page before


def _press(page: Page, key: str) -> None:
    page.wait_for_timeout(QUIET)
    page.keyboard.press(key)


def test_blind_checks_are_answered_by_single_letters_and_timed(page: Page, center: Center) -> None:
    center.work.run(lambda tx: plant_gold(center, tx, OPERATOR, count=2))
    page.goto(f"{center.public_url}/quality")
    _press(page, "b")
    page.wait_for_selector("form[data-timed]")
    first = page.url
    _press(page, "g")
    page.wait_for_url(lambda url: url != first)
    assert page.inner_text("[role=status]") == "Die Antwort ist gespeichert."
    _press(page, "s")
    page.wait_for_url("**/quality?done=1")
    checks = center.work.run(lambda tx: tx.quality.answered(limit=5), write=False)
    votes = center.work.run(lambda tx: tx.quality.votes([one.id for one in checks]), write=False)
    told = [vote.seconds for given in votes.values() for vote in given]
    assert [one.kind for one in checks] == [CheckKind.GOLD] * 2
    assert all(seconds is not None and 0.3 <= seconds < 60 for seconds in told)


def test_the_time_of_a_decision_runs_from_the_sight_of_its_case(page: Page, center: Center) -> None:
    page.goto(f"{center.public_url}/cases/first")
    first = page.get_attribute("#case", "data-case")
    page.wait_for_timeout(400)
    page.keyboard.press("v")
    page.keyboard.press("3")
    page.wait_for_function(
        "first => document.querySelector('#case')?.dataset.case !== first", arg=first
    )
    times = center.work.run(lambda tx: tx.quality.times(limit=5), write=False)
    [seconds] = times["staff:clerk"]
    assert 0.4 <= seconds < 60


def test_practice_goes_by_keyboard_and_gives_feedback(page: Page, center: Center) -> None:
    page.goto(f"{center.public_url}/practice")
    _press(page, "n")
    page.wait_for_url("**/practice/1")
    _press(page, "v")
    page.wait_for_selector(".notice--warn")
    assert "Es ist dieselbe Person." in page.inner_text(".notice")
    _press(page, "n")
    page.wait_for_url("**/practice/2?marks=0")
