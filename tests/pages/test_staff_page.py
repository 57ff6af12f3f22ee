"""Accounts on their page: opened, limited, ended; what needs two persons waits for the second."""

import re
from pathlib import Path

import pytest

from tests.builders import make_center, make_domain
from tests.pages.people import Browser, make_person
from ttp.core.access import Role
from ttp.core.accounts import Staff
from ttp.core.center import Center

SECRET = re.compile(r'class="secret">([^<]+)<')


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local", alone=False)
    make_person(made, Role.CLERK)
    make_person(made, Role.STEWARD)
    make_person(made, Role.STEWARD, "second")
    return made


@pytest.fixture
def steward(center: Center) -> Browser:
    return Browser(center, "steward")


def _account(center: Center, name: str) -> Staff | None:
    accounts = center.work.run(lambda tx: tx.staff.all(), write=False)
    return next((one for one in accounts if one.name == name), None)


def _path(center: Center, name: str, act: str = "") -> str:
    account = _account(center, name)
    assert account is not None
    return f"/staff/{account.id}{act}"


def test_a_clerk_logs_in_with_the_password_shown_once(center: Center, steward: Browser) -> None:
    made = steward.post("/staff", name="neu", role="clerk", display_name="N. Eu", language="en")
    [secret] = SECRET.findall(made.text)
    assert SECRET.findall(steward.get("/staff").text) == []
    assert Browser(center).log_in("neu", secret).status_code == 303


def test_a_steward_is_opened_once_a_second_person_agrees(center: Center, steward: Browser) -> None:
    made = steward.post("/staff", name="third", role="steward")
    assert "wartet auf eine zweite Person" in made.text
    assert _account(center, "third") is None


def test_a_clerk_becomes_a_researcher_at_once_and_a_steward_later(
    center: Center, steward: Browser
) -> None:
    path = _path(center, "clerk", "/role")
    assert steward.post(path, role="researcher").headers["Location"] == "/staff?changed=1"
    assert steward.post(path, role="steward").headers["Location"] == "/approvals"
    account = _account(center, "clerk")
    assert account is not None
    assert account.role is Role.RESEARCHER


def test_limits_are_set_and_lifted(center: Center, steward: Browser) -> None:
    make_domain(center, "herz")
    path = _path(center, "clerk", "/limits")
    steward.post(path, domain="herz")
    limited = _account(center, "clerk")
    assert limited is not None
    assert limited.domains == frozenset({"herz"})
    assert "herz" in steward.get("/staff").text
    steward.post(path)
    free = _account(center, "clerk")
    assert free is not None
    assert free.domains is None


def test_an_ended_account_is_listed_as_such(center: Center, steward: Browser) -> None:
    path = _path(center, "clerk")
    assert steward.post(f"{path}/disable").status_code == 303
    assert "clerk" in steward.get("/staff", state="ended").text
    assert "/staff/" not in steward.get("/staff", state="ended", role="auditor").text
    assert "beendet seit" in steward.get(path).text
    assert steward.post(f"{path}/second-factor").status_code == 404


def test_nobody_changes_their_own_limits(center: Center, steward: Browser) -> None:
    own = _path(center, "steward")
    assert "eigenes Konto" in steward.get(own).text
    assert steward.post(f"{own}/limits").status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"name": "x", "role": "peer"}, 422, id="no role of staff"),
        pytest.param({"name": "Ä Ö", "role": "clerk"}, 400, id="no name"),
        pytest.param({"name": "clerk", "role": "clerk"}, 409, id="name in use"),
    ],
)
def test_what_is_no_account_is_refused(
    steward: Browser, fields: dict[str, str], status: int
) -> None:
    assert steward.post("/staff", **fields).status_code == status


def test_many_accounts_come_in_pages(center: Center, steward: Browser) -> None:
    for number in range(30):
        make_person(center, Role.CLERK, f"clerk-{number:02}")
    first = steward.get("/staff", text="clerk-")
    assert first.text.count('scope="row"') == 25
    rest = steward.get("/staff", text="clerk-", after="clerk-24")
    assert rest.text.count('scope="row"') == 5
