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

COLOR_RULES = ["color-contrast", "link-in-text-block"]
_QUICK: dict[str, Any] = {
    "resultTypes": ["violations"],
    "elementRef": False,
    "preload": False,
    "iframes": False,
}
_RUN_AXE = """async ([every, colors, frame]) => {
  const where = frame ? document : { exclude: [[".side"], [".top"]] };
  const root = document.documentElement, chosen = root.dataset.kernTheme, found = [];
  for (const [theme, options] of [["light", every], ["dark", colors]]) {
    root.dataset.kernTheme = theme;
    for (const rule of (await axe.run(where, options)).violations)
      found.push(...rule.nodes.map((node) => `${theme} ${rule.id}: ${node.html.slice(0, 160)}`));
  }
  if (chosen) root.dataset.kernTheme = chosen; else delete root.dataset.kernTheme;
  return found;
}"""

_SWAP = """async (path) => {
  const answer = await fetch(path);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  document.body.replaceWith(fresh.body);
  return answer.status;
}"""

Theme = Literal["light", "dark"]


class Visit:
    """One person at one center."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        theme: Theme = "light",
        width: int = 1280,
        axe: bool = False,
    ) -> None:
        self.url = url
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.expected = ["409 (CONFLICT)"]
        self._context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="de-DE",
            reduced_motion="reduce",
        )
        if axe:
            self._context.add_init_script(path=AXE)
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

    def swap(self, path: str) -> None:
        """Fetch a page of the center and show it in place of the present one; its scripts do not run."""
        status: int = self.page.evaluate(_SWAP, path)
        assert status == 200, path

    def violations(self, *, best_practice: bool = True, frame: bool = True) -> list[str]:
        """What axe finds wrong under either theme: theme, rule and element.

        By WCAG 2.0 to 2.2, A and AA, and by best practice. What does not depend on colors is the same under both
        themes and looked at once; so is the ``frame`` of header and navigation where it was looked at before.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        every = _QUICK if best_practice else _QUICK | {"runOnly": WCAG}
        colors = _QUICK | {"runOnly": {"type": "rule", "values": COLOR_RULES}}
        found: list[str] = self.page.evaluate(_RUN_AXE, [every, colors, frame])
        return found

    def too_wide(self, *widths: int) -> list[str]:
        """Those of the widths at which the page scrolls sideways."""
        former = self.page.viewport_size or {"width": 1280, "height": 900}
        found = []
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"scrolls sideways at {width}")
        self.page.set_viewport_size(former)
        return found

    def close(self) -> None:
        """Leave; fails if a request left the center or a script failed."""
        self._context.close()
        assert self.elsewhere == []
        assert self.errors == []

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in self.expected):
            self.errors.append(message.text)
