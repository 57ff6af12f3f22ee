"""Visits: a person at a browser. No request may leave the center, no script may fail, no policy may be broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Request

from tests.pages.people import PASSWORD

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
AXE = Path(__file__).parents[2] / "ttp/pages/assets/node_modules/axe-core/axe.min.js"

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Theme = Literal["light", "dark"]


class Visit:
    """One person at one center."""

    def __init__(
        self, browser: Browser, url: str, *, theme: Theme = "light", width: int = 1280
    ) -> None:
        self.url = url
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="de-DE"
        )
        self.page = self._context.new_page()
        self.page.on("request", self._note)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def log_in(self, name: str, language: str = "de") -> None:
        """Fill in the login form; German is what a browser sees first."""
        self.open("/login")
        self.page.fill("#f-name", name)
        self.page.fill("#f-password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.url}/")
        if language == "en":
            self.page.get_by_role("button", name="English").click()
            self.page.wait_for_selector("html[lang=en]")

    def open(self, path: str) -> None:
        """Open a page of the center."""
        self.page.goto(self.url + path)

    def violations(self, *, best_practice: bool = True) -> list[str]:
        """What axe finds wrong by WCAG 2.0 to 2.2, A and AA, and by best practice: rule and element."""
        self.page.evaluate(AXE.read_text("utf-8"))
        options = {"resultTypes": ["violations"]} | ({} if best_practice else {"runOnly": WCAG})
        found: dict[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{rule['id']}: {node['html'][:160]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def close(self) -> None:
        """Leave; fails if a request left the center or a script failed."""
        self._context.close()
        assert self.elsewhere == []
        assert self.errors == []

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "409 (CONFLICT)" not in message.text:
            self.errors.append(message.text)
