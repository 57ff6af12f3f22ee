"""Take the pictures of the documents: ``python -m tests.browser.take_screenshots``.

The case page with made-up patients, and a sealed center to which one custodian has come. Pictures are made by the
pages themselves, so that they never show what these no longer do.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.server import served
from tests.browser.visits import CHROMIUM, FLAGS, Visit
from tests.custody.quorum_home import quorum_home, serving
from tests.pages.people import NORTH, make_cases

MOST_BYTES = 200_000
TARGET = Path(__file__).parents[2] / "docs" / "images"
BEFORE = NORTH[0] | {"given_name": "Johanna", "surname": "Lindemann", "birth_date": "1991-03-18"}
BEFORE |= {"record_id": "n-3", "postcode": "23552", "city": "Lübeck"}
AFTER = BEFORE | {"record_id": "s-3", "surname": "Lindeman", "birth_date": "1991-03-13"}
AFTER |= {"postcode": "24103", "city": "Kiel"}
"""The same woman after a move, written in a hurry: alike enough for a case, and no more."""


def main(folder: Path = TARGET) -> None:
    """Serve centers, open their pages, and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        case_page(browser, folder / "review.png")
        unseal_page(browser, folder / "unseal.png")
        browser.close()
    for picture in folder.glob("*.png"):
        if picture.stat().st_size > MOST_BYTES:
            sys.exit(f"{picture} has more than {MOST_BYTES} bytes.")


def case_page(browser: Browser, target: Path) -> None:
    """A case with its explanation."""
    with tempfile.TemporaryDirectory() as home, served(Path(home) / "nord") as center:
        make_cases(center, [BEFORE], [AFTER])
        make_cases(center)
        visit = Visit(browser, center.public_url)
        visit.log_in("clerk", "en")
        visit.open("/cases")
        visit.page.locator(".grid a").first.click()
        visit.page.wait_for_selector("#case")
        visit.page.keyboard.press("g")
        visit.page.screenshot(path=str(target))
        visit.close()


def unseal_page(browser: Browser, target: Path) -> None:
    """A sealed center after the first of two shares."""
    with tempfile.TemporaryDirectory() as folder:
        home = quorum_home(Path(folder))
        with serving(home.path) as now:
            now.wait(503)
            visit = Visit(browser, now.admin, width=900)
            visit.open("/unseal?language=en")
            visit.page.fill("#share", home.papers["Anders"])
            visit.page.get_by_role("button", name="Enter share").click()
            visit.page.wait_for_selector("[role=status]")
            visit.page.screenshot(path=str(target))
            visit.close()


if __name__ == "__main__":
    main()
