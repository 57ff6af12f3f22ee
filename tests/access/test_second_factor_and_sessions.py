"""A second factor that one has is needed, each code once; sessions are seen, and end when the account changes."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys.second_factor import code_of, step_of
from tests.builders import ManualClock, make_center
from tests.pages.people import PASSWORD, Browser, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.errors import NotAllowed
from ttp.services.access.limit_account import limit_account
from ttp.services.access.set_second_factor import remove_second_factor

NEW = "another horse battery"
_SECRET = re.compile(r'class="secret">([A-Z2-7]{32})<')
_RECOVERY = re.compile(r'class="secret">([a-z2-7-]{19})<')


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local")
    for role in (Role.STEWARD, Role.CLERK):
        make_person(made, role)
    return replace(made, clock=ManualClock(datetime.now(UTC)))


def _skip(center: Center, **amount: float) -> None:
    assert isinstance(center.clock, ManualClock)
    center.clock.skip(**amount)


def _code(center: Center, secret: str) -> str:

    return code_of(base64.b32decode(secret), step_of(center.clock.now().timestamp()))


def _enrolled(center: Center, browser: Browser) -> tuple[str, list[str]]:
    """The secret of the person's device, and the recovery codes."""
    shown = browser.post("/account/second-factor").text
    found = _SECRET.search(shown)
    assert found
    assert "<svg" in shown
    told = browser.post("/account/second-factor/confirm", code=_code(center, found.group(1)))
    return found.group(1), _RECOVERY.findall(told.text)


def _logs_in(center: Center, code: str = "", name: str = "steward") -> bool:
    return Browser(center).log_in(name, code=code).status_code == 303


def test_a_factor_that_is_set_up_is_needed_and_each_code_counts_once(center: Center) -> None:
    secret, codes = _enrolled(center, Browser(center, "steward"))
    assert len(codes) == 10
    assert not _logs_in(center)
    assert not _logs_in(center, _code(center, secret))  # used to set it up
    _skip(center, seconds=30)
    code = _code(center, secret)
    assert _logs_in(center, code)
    assert not _logs_in(center, code)
    assert _logs_in(center, codes[3])
    assert not _logs_in(center, codes[3])
    assert not _logs_in(center, "123456", name="nobody")


def test_a_factor_counts_only_once_its_first_code_was_entered(center: Center) -> None:
    browser = Browser(center, "steward")
    browser.post("/account/second-factor")
    assert browser.post("/account/second-factor/confirm", code="000000").status_code == 422
    assert _logs_in(center)


def test_wrong_codes_are_counted_as_wrong_passwords(center: Center) -> None:
    secret, _ = _enrolled(center, Browser(center, "steward"))
    _skip(center, seconds=30)
    for _ in range(10):
        assert Browser(center).log_in("steward", code="000000").status_code == 401
    assert Browser(center).log_in("steward", code=_code(center, secret)).status_code == 429


def test_who_needs_a_factor_gets_nowhere_before_setting_it_up(center: Center) -> None:
    strict = replace(center, second_factor=True)
    browser = Browser(strict, "steward")
    for path in ("/", "/clients", "/audit"):
        assert browser.get(path).headers["Location"] == "/account"
    assert browser.get("/account").status_code == 200
    _enrolled(strict, browser)
    assert browser.get("/clients").status_code == 200
    assert Browser(strict, "clerk").get("/cases").status_code == 200


def test_another_steward_takes_a_lost_factor_away_and_nobody_their_own(center: Center) -> None:
    browser = Browser(center, "steward")
    _enrolled(center, browser)
    steward = center.work.run(lambda tx: tx.staff.by_name("steward"), write=False)
    assert steward
    with pytest.raises(NotAllowed):
        center.work.run(
            lambda tx: remove_second_factor(center, tx, steward.actor(), name="steward")
        )
    center.work.run(lambda tx: remove_second_factor(center, tx, OPERATOR, name="steward"))
    assert browser.get("/").status_code == 303
    assert _logs_in(center)


def test_a_new_password_ends_every_session_and_gives_this_browser_a_new_one(center: Center) -> None:
    here, there = Browser(center, "clerk"), Browser(center, "clerk")
    before = here.cookies()
    wrong = here.post("/account/password", old="wrong", new=NEW, again=NEW)
    assert wrong.status_code == 422
    done = here.post("/account/password", old=PASSWORD, new=NEW, again=NEW)
    assert done.status_code == 303
    assert here.cookies() != before
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert not _logs_in(center, name="clerk")


def test_all_other_sessions_end_at_once_and_this_one_stays(center: Center) -> None:
    here, there = Browser(center, "clerk"), Browser(center, "clerk")
    assert here.get("/account").text.count("<tr>") == 3
    assert here.post("/account/sessions/end-others").status_code == 303
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200


def test_a_login_in_the_same_browser_has_a_new_token_and_ends_the_old_session(
    center: Center,
) -> None:
    browser, thief = Browser(center, "clerk"), Browser(center)
    thief._http._cookies = dict(browser._http._cookies or {})
    before = browser.cookies()
    assert browser.log_in("clerk").status_code == 303
    assert browser.cookies() != before
    assert thief.get("/").status_code == 303


def test_the_last_use_is_written_at_most_once_a_minute(center: Center) -> None:
    browser = Browser(center, "clerk")
    clerk = center.work.run(lambda tx: tx.staff.by_name("clerk"), write=False)
    assert clerk

    def seen() -> datetime:
        return center.work.run(lambda tx: tx.sessions.of(clerk.id)[0].seen_at, write=False)

    first = seen()
    _skip(center, seconds=59)
    browser.get("/")
    assert seen() == first
    _skip(center, seconds=1)
    browser.get("/")
    assert seen() > first


def test_limits_of_an_account_end_its_sessions_and_keep_patients_from_it(center: Center) -> None:
    browser = Browser(center, "clerk")
    center.work.run(
        lambda tx: limit_account(center, tx, OPERATOR, name="clerk", domains=None, projects=[])
    )
    assert browser.get("/").status_code == 303
    again = Browser(center, "clerk")
    assert again.post("/persons", surname="A", birth_date="1950-01-01").status_code == 403
