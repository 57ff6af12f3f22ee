"""On narrow screens navigation and account fold behind two buttons, so that a page begins at its top."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import Visit
from ttp.core.center import Center

pytestmark = pytest.mark.browser

MENUS = {"de": ("Menü", "Konto"), "en": ("Menu", "Account")}
OPENED = {"Menü": "#navigation", "Menu": "#navigation", "Konto": "#tools", "Account": "#tools"}
TOP = "() => document.querySelector('main').getBoundingClientRect().top"
FOCUSED = "() => document.activeElement.textContent.trim()"
APART = """() => {
  const [brand, first, account, header] = [".brand", "#tools .role", "#tools .person", ".top"]
    .map((one) => document.querySelector(one).getBoundingClientRect());
  return brand.right < first.left && first.right < account.left && account.bottom < header.bottom;
}"""
MOST_ABOVE = 100


@pytest.fixture(params=["de", "en"])
def steward(chromium: Browser, center: Center, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Somebody with the whole navigation, under the banner of a demonstration."""
    visitor = Visit(chromium, center.public_url, width=320)
    visitor.page.set_viewport_size({"width": 1280, "height": 640})
    visitor.log_in("steward", request.param)
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    yield visitor
    visitor.close()


def _expanded(page: Page) -> dict[str, bool]:
    """Which buttons tell assistive technology that what they open is open, and which that it is not."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    buttons = [node for node in tree["nodes"] if node.get("role", {}).get("value") == "button"]
    return {
        node["name"]["value"]: state["value"]["value"]
        for node in buttons
        for state in node["properties"]
        if state["name"] == "expanded"
    }


def _language(page: Page) -> str:
    return page.get_attribute("html", "lang") or ""


def test_content_begins_at_the_top_of_a_phone(steward: Visit) -> None:
    for path in ("/", "/cases", "/cases/first", "/practice/2?marks=1", "/settings"):
        steward.open(path)
        assert steward.page.evaluate(TOP) <= MOST_ABOVE, path


def test_menus_open_and_close_by_keyboard_and_say_so(steward: Visit) -> None:
    page, menus = steward.page, MENUS[_language(steward.page)]
    for name in menus:
        closed = dict.fromkeys(menus, False)
        assert _expanded(page) == closed
        assert not page.is_visible(OPENED[name])
        page.get_by_role("button", name=name, exact=True).press("Enter")
        assert page.is_visible(OPENED[name])
        assert _expanded(page) == closed | {name: True}
        assert steward.violations() == []
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) in {"Schließen", "Close"}
        page.keyboard.press("Escape")
        assert page.evaluate(FOCUSED) == name
    assert _expanded(page) == closed


def test_a_menu_leads_to_a_page_by_keyboard(steward: Visit) -> None:
    page = steward.page
    page.get_by_role("button", name=MENUS[_language(page)][0], exact=True).press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{steward.url}/cases")
    assert not page.is_visible("#navigation")


def test_on_a_wide_screen_everything_is_there_at_once(steward: Visit) -> None:
    page = steward.page
    page.set_viewport_size({"width": 1280, "height": 640})
    assert page.is_visible("#navigation")
    assert page.is_visible("#tools")
    assert _expanded(page) == {}
    assert page.evaluate(APART)
