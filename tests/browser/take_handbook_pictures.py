"""Take the pictures of the handbook: ``python -m tests.browser.take_handbook_pictures``.

One center where two people have reviewed for some weeks (``tests/browser/handbook_stories.py``), seen in German and in
light colors. The pages draw themselves, so that no picture shows what these no longer do.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.handbook_stories import actor, case_of, tell
from tests.browser.server import served
from tests.browser.visits import CHROMIUM, FLAGS, Visit
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.names import CaseId
from ttp.services.cases.arrange_cases import work_on

MOST_BYTES = 150_000
WIDTH = 1280
TARGET = Path(__file__).parents[2] / "docs" / "images" / "handbuch"


def main(folder: Path = TARGET) -> None:
    """Serve a center with a past, open its pages, and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        sync_playwright() as playwright,
        served(Path(home) / "nord", four_eyes="required") as center,
    ):
        tell(center)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        pictures(browser, center, folder)
        browser.close()
    for picture in folder.glob("*.png"):
        if picture.stat().st_size > MOST_BYTES:
            sys.exit(f"{picture} has more than {MOST_BYTES} bytes.")


def pictures(browser: Browser, center: Center, folder: Path) -> None:
    """What somebody sees who reviews."""
    visit = Visit(browser, center.public_url, width=WIDTH)
    visit.log_in("albers")
    shoot(visit.page, folder / "uebersicht.png", height=700)
    practice(visit, folder / "uebung.png")
    visit.open("/cases?assignee=me")
    for box in visit.page.locator(".grid input[type=checkbox]").all()[1:]:
        box.check()
    shoot(visit.page, folder / "warteschlange.png")
    cases(visit, center, folder)
    visit.open("/quality")
    shoot(visit.page, folder / "qualitaet.png")
    visit.close()


def cases(visit: Visit, center: Center, folder: Path) -> None:
    """A case, what it would change, its group, a contradiction, and a colleague at work."""
    mistyped, group = _newest(center), _group(center)
    visit.open(f"/cases/{mistyped}")
    visit.page.keyboard.press("g")
    visit.page.wait_for_selector("[aria-pressed=true]")
    shoot(visit.page, folder / "fall.png", height=870)
    visit.page.keyboard.press("1")
    visit.page.wait_for_selector("#confirm")
    shoot(visit.page, folder / "widerspruch.png")
    visit.open(f"/cases/{group}/impact")
    shoot(visit.page, folder / "wirkung.png")
    visit.open(f"/cases/{group}/graph")
    shoot(visit.page, folder / "gruppe.png")
    held = case_of(center, 5)
    center.work.run(lambda tx: work_on(center, tx, actor("behrens"), case_id=held))
    visit.open(f"/cases/{held}")
    shoot(visit.page, folder / "uebernehmen.png", height=400)
    person(visit, folder / "person.png")


def practice(visit: Visit, target: Path) -> None:
    """An answer in practice with its feedback."""
    visit.open("/practice/3")
    visit.page.locator("button[value=same]").click()
    visit.page.wait_for_selector(".notice")
    shoot(visit.page, target)


def person(visit: Visit, target: Path) -> None:
    """A person of two sources, found by one's number."""
    visit.open("/persons")
    visit.page.fill("#f-system", "klinik-nord")
    visit.page.fill("#f-value", "k-3")
    visit.page.keyboard.press("Enter")
    visit.page.locator(".grid a").first.click()
    visit.page.wait_for_selector(".timeline")
    shoot(visit.page, target)


def shoot(page: Page, target: Path, *, height: int | None = None) -> None:
    """Take the page down to ``height`` pixels; None: all of its content, without header and navigation."""
    page.set_viewport_size({"width": WIDTH, "height": height or 400})
    if height is not None:
        page.screenshot(path=str(target))
    else:
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": whole})
        page.locator("main").screenshot(path=str(target))
    page.set_viewport_size({"width": WIDTH, "height": 900})


def _newest(center: Center) -> CaseId:
    """The newest case of two records: the one with the typing errors."""
    lines = center.work.run(lambda tx: tx.desk.cases(CaseFilter(), limit=1000), write=False)
    found = [line for line in lines if "praxis-west" not in line.sources]
    return max(found, key=lambda line: line.case.created_at).case.id


def _group(center: Center) -> CaseId:
    """The case of three records."""
    chosen = CaseFilter(source="praxis-west")
    return center.work.run(lambda tx: tx.desk.cases(chosen), write=False)[0].case.id


if __name__ == "__main__":
    main()
