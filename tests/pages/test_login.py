"""Logins: the token is in the cookie alone, failures are counted, sessions end."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.digests import sha256
from tests.builders import ManualClock, make_center
from tests.pages.people import PASSWORD, Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.logins import ACCOUNT_FAILURES, ADDRESS_FAILURES
from ttp.services.access.open_account import change_password, disable_account
from ttp.services.log.list_leaves import list_leaves
from ttp.storage.tables import staff, staff_session

SESSION = "__Host-ttp-nord-session"


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = replace(make_center(tmp_path, role="local"), clock=ManualClock())
    make_person(made, Role.CLERK)
    return made


def _actions(center: Center) -> list[str]:
    page = center.work.run(lambda tx: list_leaves(center, tx, OPERATOR))
    return [leaf.body["action"] for leaf in page.leaves]


def _skip(center: Center, **amount: float) -> None:
    assert isinstance(center.clock, ManualClock)
    center.clock.skip(**amount)


def test_a_login_leads_to_the_page_asked_for(center: Center) -> None:
    browser = Browser(center)
    asked = browser.get("/audit").headers["Location"]
    assert asked == "/login?next=/audit"
    assert browser.log_in("clerk", next="/audit").headers["Location"] == "/audit"
    assert browser.get("/audit").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_a_login_never_leads_to_another_site(center: Center, target: str) -> None:
    response = Browser(center).log_in("clerk", next=target)
    assert response.headers["Location"] == "/"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(center: Center) -> None:
    response = Browser(center).log_in("clerk")
    cookie = next(line for line in response.headers.getlist("Set-Cookie") if SESSION in line)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_only_a_digest_of_the_session_token_is_stored(center: Center) -> None:
    browser = Browser(center, "clerk")
    token = browser.cookies()[SESSION]
    with center.work.begin(write=False) as tx:
        stored = tx.connection.execute(select(staff_session.c.token_digest)).scalars().all()  # type: ignore[attr-defined] # looks below the port
    assert stored == [sha256(token.encode())]


def test_passwords_are_stored_as_argon2id(center: Center) -> None:
    with center.work.begin(write=False) as tx:
        stored = tx.connection.execute(select(staff.c.password_hash)).scalar_one()  # type: ignore[attr-defined] # looks below the port
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_a_session_in_use_ends_after_twelve_hours(center: Center) -> None:
    browser = Browser(center, "clerk")
    for _ in range(12 * 3 - 1):
        _skip(center, minutes=20)
        assert browser.get("/").status_code == 200
    _skip(center, minutes=20)
    assert browser.get("/").headers["Location"] == "/login?next=/"


def test_a_session_that_nobody_uses_ends_after_half_an_hour(center: Center) -> None:
    browser = Browser(center, "clerk")
    _skip(center, minutes=29)
    assert browser.get("/").status_code == 200
    _skip(center, minutes=30)
    assert browser.get("/").headers["Location"] == "/login?next=/"


def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(center: Center) -> None:
    browser, thief = Browser(center, "clerk"), Browser(center)
    thief._http._cookies = dict(browser._http._cookies or {})
    assert thief.get("/").status_code == 200
    browser.post("/logout")
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize("ending", ["password", "disabled"])
def test_a_changed_password_or_ended_account_ends_its_sessions(center: Center, ending: str) -> None:
    browser = Browser(center, "clerk")
    end = change_password if ending == "password" else disable_account
    center.work.run(lambda tx: end(center, tx, OPERATOR, name="clerk"))
    assert browser.get("/").status_code == 303
    assert browser.log_in("clerk").status_code == 401


@pytest.mark.parametrize(
    ("name", "password"),
    [("clerk", "wrong"), ("nobody", PASSWORD), ("", ""), ("clerk", "x" * 5000), ("clérk\x00", "x")],
)
def test_a_refused_login_says_the_same_whatever_was_wrong(
    center: Center, name: str, password: str
) -> None:
    response = Browser(center).log_in(name, password)
    assert response.status_code == 401
    assert "Benutzername, Passwort oder Code ist falsch." in response.text


def test_logins_failures_and_logouts_leave_leaves(center: Center) -> None:
    browser = Browser(center)
    browser.log_in("clerk", "wrong")
    browser.log_in("clerk")
    browser.post("/logout")
    assert {"session.closed", "session.opened", "session.refused"} <= set(_actions(center))


def test_a_failed_login_does_not_record_a_name_that_is_no_account(center: Center) -> None:
    Browser(center).log_in("my secret password", "clerk")
    page = center.work.run(lambda tx: list_leaves(center, tx, OPERATOR))
    refused = [leaf.body for leaf in page.leaves if leaf.body["action"] == "session.refused"]
    assert [body["facts"] for body in refused] == [{"account": "unknown"}]


def test_ten_failures_block_an_account_for_fifteen_minutes(center: Center) -> None:
    browser = Browser(center)
    for _ in range(ACCOUNT_FAILURES):
        assert browser.log_in("clerk", "wrong").status_code == 401
    assert browser.log_in("clerk").status_code == 429
    _skip(center, minutes=15)
    assert browser.log_in("clerk").status_code == 303


def test_a_successful_login_forgets_the_failures_of_the_account(center: Center) -> None:
    browser = Browser(center)
    for _ in range(2):
        for _ in range(ACCOUNT_FAILURES - 1):
            browser.log_in("clerk", "wrong")
        assert browser.log_in("clerk").status_code == 303
        browser.post("/logout")


def test_many_failures_block_an_address_but_no_other(center: Center) -> None:
    with center.work.begin() as tx:
        for _ in range(ADDRESS_FAILURES):
            tx.logins.count_failure("address:127.0.0.1", now=center.clock.now())
    browser = Browser(center)
    assert browser.log_in("clerk").status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    browser._http.environ_base.update(elsewhere)
    assert browser.log_in("clerk").status_code == 303


def test_only_a_proxy_on_this_host_is_believed_about_addresses(center: Center) -> None:
    with center.work.begin() as tx:
        for _ in range(ADDRESS_FAILURES):
            tx.logins.count_failure("address:192.0.2.7", now=center.clock.now())
    browser = Browser(center)
    browser._http.environ_base.update(
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
    )
    assert browser.log_in("clerk").status_code == 429
    browser._http.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    assert browser.log_in("clerk").status_code == 303
