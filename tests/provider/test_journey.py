"""A person at a browser: from the login page to the provider and back, and out again at both."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.provider.running import house

pytestmark = pytest.mark.browser


def test_a_clerk_logs_in_with_the_provider_and_out_of_both(
    chromium: Browser, tmp_path: Path
) -> None:
    with house(tmp_path / "nord") as nord:
        nord.provider.has({"anna-1": {"roles": ["ths-clerk"]}})
        nord.link("clerk", "anna-1")
        page = chromium.new_context(locale="de-DE").new_page()
        page.goto(f"{nord.url}/cases")
        page.get_by_role("link", name="Anmelden mit Haus haus").click()
        page.fill("#account", "anna-1")
        page.click("#enter")
        page.wait_for_url(f"{nord.url}/cases")
        expect(page.locator(".person")).to_contain_text("Sachbearbeitung")
        page.get_by_role("button", name="Abmelden").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Abgemeldet")
        page.click("#leave-provider")
        page.click("#leave")
        page.wait_for_url(f"{nord.url}/login")
        page.get_by_role("link", name="Anmelden mit Haus haus").click()
        expect(page.locator("#account")).to_be_visible()
        page.context.close()
