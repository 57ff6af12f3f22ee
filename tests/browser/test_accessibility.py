"""Every page in both languages and both themes: axe finds nothing, and nothing is loaded from elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.server import served
from tests.browser.visits import Theme, Visit
from tests.builders import make_domain, make_key
from tests.events.newsroom import make_webhook
from tests.pages.people import make_cases
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.services.change_domain_policy import request_domain_policy

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/cases",
    "/decisions",
    "/persons",
    "/domains",
    "/domains/diz",
    "/pseudonyms",
    "/clients",
    "/webhooks",
    "/account",
    "/approvals",
    "/re-identification",
    "/break-glass",
    "/keys",
    "/projects",
    "/peers",
    "/releases",
    "/audit",
    "/help",
    "/docs",
    "/cases/first",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with served(tmp_path_factory.mktemp("axe") / "nord") as center:
        make_domain(center)
        make_domain(center, "study", multi=True, alphabet="digits", length=9, check=True)
        make_key(center, "diz")
        make_cases(center)
        _ask_for_policy(center)
        make_webhook(center)
        yield center


def _ask_for_policy(center: Center) -> None:
    center.work.run(
        lambda tx: request_domain_policy(center, tx, OPERATOR, domain="diz", deletable=True)
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_axe_finds_nothing_on_any_page(
    chromium: Browser, running: Center, language: str, theme: Theme
) -> None:
    visit = Visit(chromium, running.public_url, theme=theme)
    visit.open("/login")
    found = {"/login": visit.violations()}
    visit.log_in("steward", language)
    for path in PATHS:
        visit.open(path)
        if path == "/docs":
            visit.page.wait_for_selector(".opblock")  # headings of the vendored viewer are its own
        found[path] = visit.violations(best_practice=path != "/docs")
    found |= _states(visit, running)
    visit.close()
    assert {path: problems for path, problems in found.items() if problems} == {}


def _states(visit: Visit, center: Center) -> dict[str, list[str]]:
    """States that no address leads to: revealed, searched, the overlay of keys."""
    page = visit.page
    visit.open("/cases/first")
    page.keyboard.press("?")
    found = {"keys": visit.violations()}
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("a test")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Petersen")
    found["revealed"] = visit.violations()
    visit.open("/approvals")
    page.locator(".grid th a").first.click()
    page.wait_for_selector("#f-comment")
    found["approval"] = visit.violations()
    visit.open("/persons")
    page.fill("#f-surname", "Petersen")
    page.fill("#f-birth_date", "2015-09-17")
    page.locator("#f-surname").press("Enter")
    page.locator(".grid a").first.click()
    page.wait_for_selector(".grid th[scope=row]")
    found["person"] = visit.violations()
    assert center.work.run(lambda tx: tx.desk.count(CaseFilter()), write=False) == 2
    return found
