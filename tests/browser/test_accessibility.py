"""Every page in both languages, both themes and every state: axe finds nothing, nothing comes from elsewhere.

No page scrolls sideways, neither on a phone nor on a wide screen.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.browser.server import served
from tests.browser.visits import Visit
from tests.builders import make_domain, make_key
from tests.events.newsroom import make_webhook
from tests.pages.people import NORTH, make_cases
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.names import ProjectName
from ttp.core.review import Verdict
from ttp.core.tasks import Task, TaskKind, TaskState
from ttp.services.cases.decide_case import decide_case
from ttp.services.domains.change_domain_policy import request_domain_policy
from ttp.services.quality.draw_checks import draw_samples, draw_second_opinions, plant_gold

pytestmark = pytest.mark.browser

LISTS = (
    "/",
    "/cases",
    "/decisions",
    "/persons",
    "/quality",
    "/quality/checks",
    "/matching",
    "/domains",
    "/pseudonyms",
    "/clients",
    "/staff",
    "/webhooks",
    "/approvals",
    "/re-identification",
    "/keys",
    "/projects",
    "/jobs",
    "/peers",
    "/releases",
    "/audit",
)
ALONE = (
    "/domains/diz",
    "/account",
    "/settings",
    "/break-glass",
    "/help",
    "/docs",
    "/practice",
    "/practice/2?marks=1",
    "/practice/11?marks=1110111101",
    "/quality/next",
    "/cases/first",
)
FEW_SECTIONS = """() => {
  for (const one of [...document.querySelectorAll(".opblock-tag-section")].slice(3)) one.remove();
}"""
"""The viewer of the API draws every section alike; three are looked at."""
Found = dict[str, list[str]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """A center with something in every list."""
    with served(tmp_path_factory.mktemp("axe") / "nord") as center:
        make_domain(center)
        make_domain(center, "study", multi=True, alphabet="digits", length=9, check=True)
        make_key(center, "diz")
        again = [one | {"record_id": f"{one['record_id']}-again"} for one in NORTH]
        make_cases(center)
        make_cases(center, again[:1], [])
        make_webhook(center)
        _work(center)
        yield center


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """A center on its first day."""
    with served(tmp_path_factory.mktemp("axe") / "neu") as center:
        yield center


def _work(center: Center) -> None:
    """A decision that is checked, planted pairs, samples, a job at work and a request that waits."""
    drawing = replace(center, second_review_percent=100)
    center.work.run(
        lambda tx: request_domain_policy(center, tx, OPERATOR, domain="diz", deletable=True)
    )
    [*_, line] = center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)
    center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            OPERATOR,
            case_id=line.case.id,
            verdict=Verdict.DIFFERENT,
            reason="relatives",
            version=line.case.version,
        )
    )
    center.work.run(lambda tx: draw_second_opinions(drawing, tx))
    center.work.run(lambda tx: draw_samples(center, tx, OPERATOR, count=3))
    center.work.run(lambda tx: plant_gold(center, tx, OPERATOR, count=2))
    _run_a_job(center)


def _run_a_job(center: Center) -> None:
    now = center.clock.now()
    waiting = TaskState.WAITING
    task = Task(center.new_id(), TaskKind.SUBMISSION, ProjectName("herz"), waiting, "operator", now)
    center.work.run(lambda tx: tx.tasks.add(task))
    center.work.run(lambda tx: tx.tasks.start(task.id, now=now))
    center.work.run(
        lambda tx: tx.tasks.report(task.id, stage="encode", done=64, total=100, now=now)
    )


def test_axe_finds_nothing_on_any_filled_page(chromium: Browser, filled: Center) -> None:
    visit = Visit(chromium, filled.public_url, axe=True)
    visit.log_in("steward")
    found = _opened(visit, (*LISTS, *ALONE))
    found |= _states(visit)
    visit.close()
    assert _wrong(found) == {}


def test_axe_finds_nothing_in_english(chromium: Browser, filled: Center, empty: Center) -> None:
    visit = Visit(chromium, filled.public_url, axe=True)
    visit.log_in("steward", "en")
    found = _swapped(visit, (*LISTS, *ALONE))
    found |= _states(visit)
    visit.close()
    visit = Visit(chromium, empty.public_url, axe=True)
    visit.log_in("steward", "en")
    found |= {f"empty {path}": wrong for path, wrong in _swapped(visit, LISTS).items()}
    visit.close()
    assert _wrong(found) == {}


def test_axe_finds_nothing_on_empty_pages_and_refusals(chromium: Browser, empty: Center) -> None:
    visit = Visit(chromium, empty.public_url, axe=True)
    visit.expected += ["401 (", "404 (", "422 ("]
    found = _refused_login(visit)
    visit.log_in("steward")
    found |= _swapped(visit, LISTS)
    visit.open("/cases/00000000-0000-7000-8000-000000000000")
    found["no such case"] = visit.violations()
    visit.open("/quality")
    visit.page.fill("#f-gold", "999")
    visit.page.locator("#f-gold").press("Enter")
    found["refused"] = visit.violations()
    visit.close()
    assert _wrong(found) == {}


def _opened(visit: Visit, paths: tuple[str, ...]) -> Found:
    """Load each page; none scrolls sideways."""
    found: Found = {}
    for path in paths:
        visit.open(path)
        if path == "/docs":
            visit.page.wait_for_selector(".opblock")
            visit.page.evaluate(FEW_SECTIONS)
            found["viewer"] = visit.violations(best_practice=False)  # its headings are its own
            visit.page.evaluate("document.querySelector('#swagger').replaceChildren()")
        found[path] = visit.violations(frame=path == "/") + visit.too_wide(320, 1920)
    return found


def _swapped(visit: Visit, paths: tuple[str, ...]) -> Found:
    """Show each page in place of the one before, which is quicker; only the first brings its frame."""
    found: Found = {}
    for path in paths:
        visit.swap(path)
        found[path] = visit.violations(frame=path == "/")
    return found


def _states(visit: Visit) -> Found:
    """States that no address leads to: answered, revealed, searched, the group, the overlay of keys."""
    page = visit.page
    visit.open("/practice/1")
    page.keyboard.press("Tab")
    page.locator("[data-key=v]").click()
    page.wait_for_selector(".notice--warn")
    found = {"practice answered": visit.violations()}
    visit.open("/cases/first")
    page.keyboard.press("?")
    found["keys"] = visit.violations()
    visit.open("/approvals")
    page.locator(".grid th a").first.click()
    page.wait_for_selector("#f-comment")
    found["approval"] = visit.violations()
    visit.open("/staff")
    page.locator(".grid th a").first.click()
    found["account of another"] = visit.violations()
    visit.open("/persons")
    page.fill("#f-surname", "Petersen")
    page.fill("#f-birth_date", "2015-09-17")
    page.locator("#f-surname").press("Enter")
    page.locator(".grid a").first.click()
    page.wait_for_selector(".timeline")
    page.evaluate("for (const one of document.querySelectorAll('#life details')) one.open = true")
    found["person"] = visit.violations()
    person = page.url.removeprefix(visit.url)
    found |= _split(visit, person)
    visit.open(person)
    page.locator(f"a[href='{person}/graph']").click()
    page.wait_for_selector("svg.graph")
    found["group"] = visit.violations()
    return found


def _split(visit: Visit, person: str) -> Found:
    """The form that splits a person and what it foresees, by keyboard alone."""
    visit.page.locator(f"a[href='{person}/split']").press("Enter")
    visit.page.wait_for_selector("#f-split-reason")
    found = {"split": visit.violations()}
    visit.page.locator("[name=leaving]").last.press("Space")
    visit.page.locator("#f-split-reason").select_option(index=1)
    visit.page.locator("#split button").press("Enter")
    visit.page.wait_for_selector("#split button[autofocus]")
    return found | {"split foreseen": visit.violations()}


def _refused_login(visit: Visit) -> Found:
    visit.open("/login")
    found = {"login": visit.violations()}
    visit.page.fill("#f-name", "steward")
    visit.page.fill("#f-password", "not the password")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector(".notice--danger")
    return found | {"login refused": visit.violations()}


def _wrong(found: Found) -> Found:
    return {path: problems for path, problems in found.items() if problems}
