"""A session that ended before a decision: the choice waits for whoever made it, and is never sent by itself."""

import pytest
from playwright.sync_api import Page

from tests.pages.people import PASSWORD
from ttp.core.center import Center
from ttp.core.desk import DecisionFilter, DecisionLine

pytestmark = pytest.mark.browser

SESSION = "ttp-nord-session"


def _decisions(center: Center) -> list[DecisionLine]:
    return center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False)


def _chosen_without_session(page: Page, center: Center) -> str:
    """The case whose decision went to the login instead."""
    page.goto(f"{center.public_url}/cases/first")
    case = str(page.get_attribute("#case", "data-case"))
    page.context.clear_cookies(name=SESSION)
    page.keyboard.press("v")
    page.keyboard.press("4")
    page.keyboard.type("Akte liegt vor")
    page.keyboard.press("Enter")
    page.wait_for_selector("#f-password")
    return case


def _log_in(page: Page, name: str, case: str) -> None:
    page.fill("#f-name", name)
    page.fill("#f-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case}")


def test_after_the_login_the_choice_is_filled_in_again_and_decides_once(
    page: Page, center: Center
) -> None:
    case = _chosen_without_session(page, center)
    _log_in(page, "clerk", case)
    assert "wieder eingetragen" in page.inner_text("#status")
    assert page.input_value("[name=note]") == "Akte liegt vor"
    assert page.locator("[name=reason]:checked").input_value() == "other"
    assert page.locator("[aria-pressed=true]").get_attribute("value") == "different"
    page.wait_for_timeout(300)
    assert _decisions(center) == []
    page.keyboard.press("v")
    page.wait_for_function("c => document.querySelector('#case').dataset.case !== c", arg=case)
    assert [str(one.case_id) for one in _decisions(center)] == [case]
    assert "?decided=" in page.url
    assert case not in page.url
    page.goto(f"{center.public_url}/cases/first")
    assert page.inner_text("#status") == ""


def test_another_person_who_logs_in_does_not_see_the_choice(page: Page, center: Center) -> None:
    case = _chosen_without_session(page, center)
    _log_in(page, "steward", case)
    assert page.input_value("[name=note]") == ""
    assert page.evaluate("sessionStorage.length") == 0
    assert _decisions(center) == []
