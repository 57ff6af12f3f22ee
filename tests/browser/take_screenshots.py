"""Take the picture of the README: the case page with made-up patients. ``python -m tests.browser.take_screenshots``.

The picture is made by the pages themselves, so that it never shows what they no longer do.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.server import served
from tests.browser.visits import CHROMIUM, FLAGS, Visit
from tests.pages.people import NORTH, make_cases

MOST_BYTES = 200_000
TARGET = Path(__file__).parents[2] / "docs" / "images" / "review.png"
BEFORE = NORTH[0] | {"given_name": "Johanna", "surname": "Lindemann", "birth_date": "1991-03-18"}
BEFORE |= {"record_id": "n-3", "postcode": "23552", "city": "Lübeck"}
AFTER = BEFORE | {"given_name": "Hanna", "surname": "Lindemann-Groth", "birth_date": "1991-03-13"}
AFTER |= {"record_id": "s-3", "postcode": "24103", "city": "Kiel"}
"""A woman who married and moved, her birth date once mistyped."""


def main(target: Path = TARGET) -> None:
    """Serve a center, open its first case, and write the picture."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served(Path(home) / "nord") as center:
        make_cases(center, [BEFORE], [AFTER])
        make_cases(center)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            visit = Visit(browser, center.public_url)
            visit.log_in("clerk", "en")
            visit.open("/cases")
            visit.page.locator(".grid a").last.click()
            visit.page.wait_for_selector("#case")
            visit.page.keyboard.press("g")
            visit.page.screenshot(path=str(target))
            visit.close()
            browser.close()
    if target.stat().st_size > MOST_BYTES:
        sys.exit(f"{target} has more than {MOST_BYTES} bytes.")


if __name__ == "__main__":
    main()
