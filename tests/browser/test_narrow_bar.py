"""On a narrow screen the decision bar leaves the case its room, and unfolds when a reason is needed."""

import pytest
from playwright.sync_api import Page

from ttp.core.center import Center

pytestmark = pytest.mark.browser

HEIGHT = "() => document.getElementById('decide').getBoundingClientRect().height"
FOLDED = "() => document.getElementById('decide').hasAttribute('data-folded')"


def test_the_bar_has_two_rows_until_a_reason_is_missing(page: Page, center: Center) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{center.public_url}/cases/first")
    page.wait_for_function(FOLDED)
    assert page.evaluate(HEIGHT) <= 100
    assert page.get_attribute("#more", "aria-expanded") == "false"
    page.get_by_role("button", name="Gleiche Person").click()
    page.wait_for_selector("#reasons", state="visible")
    page.click("#more")
    page.wait_for_selector("#reasons", state="hidden")


def test_on_a_wide_screen_reasons_are_always_there(page: Page, center: Center) -> None:
    page.goto(f"{center.public_url}/cases/first")
    page.wait_for_function(FOLDED)
    assert page.is_visible("#reasons")
    assert not page.is_visible("#more")
