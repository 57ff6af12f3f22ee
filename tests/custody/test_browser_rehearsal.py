"""The rehearsal at a real browser: a false share is named, true ones open, people log in; all of it is on record."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page

from keys.custody import quorum
from tests.browser.visits import Visit
from tests.cli.running import run
from tests.custody.quorum_home import QuorumHome, serving
from ttp.sealed.texts import TEXTS
from ttp.sealed.unsealing import MOST_A_MINUTE

pytestmark = pytest.mark.browser


def forged(paper: str) -> str:
    """A share that was written well, but not dealt so."""
    share = quorum.Share.parse(paper)
    share.value[0] ^= 1
    return share.text()


def enter(page: Page, share: str, language: str) -> str:
    """Type a share, send it, and give what the page says of it."""
    page.fill("#share", share)
    page.get_by_role("button", name=TEXTS[language]["button"]).click()
    page.wait_for_load_state()
    told = page.locator("[role=alert], [role=status]")
    return told.first.inner_text() if told.count() else page.inner_text("main")


def pardon_refusals(visitor: Visit) -> None:
    """Chromium notes each refusal of a form as an error of the page; these were asked for."""
    expected = ("422", "429", "favicon")
    visitor.errors = [one for one in visitor.errors if not any(word in one for word in expected)]


def account(home: QuorumHome) -> None:
    """A steward, made beside the center once it is open."""
    password = home.path.with_name("password")
    password.write_text("correct horse battery\n")
    options = ["staff", "create", "anna", "--role", "steward", "--password-file"]
    assert run(home.path, *options, password).exit_code == 0


def test_custodians_rehearse_in_both_languages(home: QuorumHome, chromium: Browser) -> None:
    with serving(home.path) as now:
        now.wait(503)
        visitor = Visit(chromium, now.admin)
        page, found = visitor.page, []
        visitor.open("/")
        found += visitor.violations()
        told = enter(page, forged(home.papers["Brandt"]), "de")
        assert told == TEXTS["de"]["share-false"].format(custodian="Brandt")
        found += visitor.violations()
        assert page.inner_text("#missing") == "Es fehlen noch: 2"
        assert page.input_value("#share") == ""
        assert "Anders" in enter(page, home.papers["Anders"], "de")
        found += visitor.violations()
        page.get_by_role("link", name="English").click()
        found += visitor.violations()
        assert "already counted" in enter(page, home.papers["Anders"], "en")
        found += visitor.violations()
        enter(page, home.papers["Celik"], "en")
        assert TEXTS["en"]["open"] in page.inner_text("main")
        found += visitor.violations()
        assert found == []
        assert home.papers["Anders"].split()[5] not in page.content() + page.url
        pardon_refusals(visitor)
        visitor.close()
        now.wait(200)
        account(home)
        _log_in(chromium, now.url)
        time.sleep(1)
        leaves = home.leaves()
    entered = [leaf["facts"] for leaf in leaves if leaf["action"] == "custody.share-entered"]
    assert [(one["outcome"], one["custodian"]) for one in entered] == [
        ("share-false", "Brandt"),
        ("accepted", "Anders"),
        ("share-repeated", "Anders"),
        ("accepted", "Celik"),
    ]
    assert any(leaf["action"] == "session.opened" for leaf in leaves)


def _log_in(chromium: Browser, url: str) -> None:
    clerk = Visit(chromium, url)
    clerk.log_in("anna")
    assert clerk.violations() == []
    clerk.close()


@pytest.mark.parametrize("language", ["de", "en"])
def test_who_guesses_on_the_page_has_to_wait(
    home: QuorumHome, chromium: Browser, language: str
) -> None:
    with serving(home.path) as now:
        now.wait(503)
        visitor = Visit(chromium, now.admin)
        visitor.open(f"/unseal?language={language}")
        for _ in range(MOST_A_MINUTE):
            assert enter(visitor.page, "GUESS", language) == TEXTS[language]["share-malformed"]
        told = enter(visitor.page, home.papers["Anders"], language)
        assert told == TEXTS[language]["too-many-shares"]
        assert visitor.violations() == []
        assert now.wait(503).json()["missing"] == 2
        pardon_refusals(visitor)
        visitor.close()
