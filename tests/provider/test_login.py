"""A person logs in with a provider: only the login begun here is finished, with the account and role we know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.pages.people import PASSWORD
from tests.provider.running import House, Visitor, house
from ttp.core.access import OPERATOR, Role
from ttp.services.access.open_account import disable_account

ANNA = {"anna-1": {"preferred_username": "anna", "name": "Anna Muster", "roles": ["ths-clerk"]}}


@pytest.fixture
def nord(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "nord") as running:
        running.provider.has(ANNA)
        yield running


@pytest.fixture
def visitor(nord: House) -> Iterator[Visitor]:
    with Visitor(nord) as one:
        yield one


def changed(url: str, **values: str) -> str:
    """The URL with other values in its query."""
    parts = urlsplit(url)
    query = {name: given[0] for name, given in parse_qs(parts.query).items()} | values
    return parts._replace(query=urlencode(query)).geturl()


def reason(nord: House) -> str:
    """Why the last login was refused, as the log has it."""
    return nord.leaves("session.refused")[-1]["reason"]


def test_a_linked_subject_logs_in_to_its_account(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    answer = visitor.log_in("anna-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.get(f"{nord.url}/cases").status_code == 200
    assert nord.leaves("session.opened") == [{"way": "issuer", "issuer": "haus"}]


def test_the_page_that_was_wanted_is_shown_after_login(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    start = visitor.get(f"{nord.url}/login/with/haus?next=/decisions").headers["location"]
    answer = visitor.get(visitor.log_in_there(start, "anna-1"))
    assert answer.headers["location"] == "/decisions"


def test_the_role_is_taken_anew_at_each_login(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    nord.provider.has({"anna-1": {"roles": ["something", "ths-steward"]}})
    visitor.log_in("anna-1")
    assert visitor.get(f"{nord.url}/clients").status_code == 200
    nord.provider.has({"anna-1": {"roles": ["ths-clerk"]}})
    with Visitor(nord) as later:
        later.log_in("anna-1")
        assert later.get(f"{nord.url}/clients").status_code == 403
    assert visitor.get(f"{nord.url}/clients").status_code == 403
    assert [facts["to"] for facts in nord.leaves("account.role-changed")] == ["steward", "clerk"]


def test_a_subject_without_account_is_refused(nord: House, visitor: Visitor) -> None:
    assert visitor.log_in("anna-1").status_code == 401
    assert reason(nord) == "no-account"


def test_a_name_alone_binds_no_account(nord: House, visitor: Visitor) -> None:
    nord.provider.has({"eve": {"preferred_username": "steward", "roles": ["ths-steward"]}})
    assert visitor.log_in("eve").status_code == 401


def test_a_subject_without_role_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    nord.provider.has({"anna-1": {"roles": ["clinician"]}})
    assert visitor.log_in("anna-1").status_code == 401
    assert reason(nord) == "no-role"


def test_a_disabled_account_stays_disabled(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    center = nord.center
    center.work.run(lambda tx: disable_account(center, tx, OPERATOR, name="clerk"))
    assert visitor.log_in("anna-1").status_code == 401
    assert reason(nord) == "disabled"


def test_accounts_are_opened_at_the_first_login_where_that_is_set(tmp_path: Path) -> None:
    with house(tmp_path / "nord", accounts="opened") as nord, Visitor(nord) as visitor:
        nord.provider.has(ANNA | {"eve": {**ANNA["anna-1"], "preferred_username": "steward"}})
        visitor.log_in("anna-1")
        visitor.log_in("anna-1")
        with nord.center.work.begin(write=False) as tx:
            anna = tx.staff.by_name("anna")
        assert anna
        assert (anna.role, anna.display_name) == (Role.CLERK, "Anna Muster")
        assert [one["account"] for one in nord.leaves("account.opened")].count("anna") == 1
        with Visitor(nord) as eve:
            assert eve.log_in("eve").status_code == 401
        assert reason(nord) == "name"


def test_an_answer_to_another_state_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(visitor.begin(), "anna-1")
    assert visitor.get(changed(back, state="other")).status_code == 401
    assert reason(nord) == "state"


def test_an_answer_in_another_browser_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(visitor.begin(), "anna-1")
    assert httpx.get(back).status_code == 401
    assert reason(nord) == "expired"


def test_an_answer_after_ten_minutes_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(visitor.begin(), "anna-1")
    nord.clock.skip(minutes=10)
    assert visitor.get(back).status_code == 401


def test_a_token_with_another_nonce_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(changed(visitor.begin(), nonce="another"), "anna-1")
    assert visitor.get(back).status_code == 401
    assert reason(nord) == "nonce"


def test_a_code_counts_once(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(visitor.begin(), "anna-1")
    kept = dict(visitor.cookies)
    assert visitor.get(back).status_code == 303
    assert httpx.get(back, cookies=kept).status_code == 401
    assert reason(nord) == "code"


def test_the_answer_of_one_issuer_is_none_of_another(tmp_path: Path) -> None:
    with house(tmp_path / "nord", names=("haus", "verbund")) as nord, Visitor(nord) as visitor:
        for provider in nord.providers:
            provider.has(ANNA)
        nord.link("clerk", "anna-1")
        nord.link("steward", "anna-1", issuer=1)
        back = visitor.log_in_there(visitor.begin("haus"), "anna-1")
        assert visitor.get(back.replace("/haus/", "/verbund/")).status_code == 401
        assert reason(nord) == "other-issuer"
        back = visitor.log_in_there(visitor.begin("haus"), "anna-1")
        assert visitor.get(changed(back, iss=nord.providers[1].url)).status_code == 401
        assert reason(nord) == "other-issuer"


def test_an_answer_that_hides_its_issuer_is_refused(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    back = visitor.log_in_there(visitor.begin(), "anna-1")
    hidden = back.replace("&iss=", "&was=").replace("?iss=", "?was=")
    assert visitor.get(hidden).status_code == 401
    assert reason(nord) == "issuer-missing"


def test_a_provider_that_is_down_leaves_the_password(nord: House, visitor: Visitor) -> None:
    nord.provider.stop()
    answer = visitor.get(f"{nord.url}/login/with/haus")
    assert answer.status_code == 503
    assert "antwortet nicht" in answer.text
    token = answer.text.split('name="token" value="')[1].split('"')[0]
    form = {"token": token, "name": "clerk", "password": PASSWORD}
    assert visitor.post(f"{nord.url}/login", data=form).status_code == 303


def test_a_login_goes_on_with_keys_the_provider_exchanged(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    visitor.log_in("anna-1")
    nord.provider.rotate()
    nord.clock.skip(seconds=30)
    with Visitor(nord) as later:
        assert later.log_in("anna-1").status_code == 303


def test_sessions_end_when_the_provider_ends_them(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    visitor.log_in("anna-1")
    visitor.log_out_there()
    assert visitor.get(f"{nord.url}/cases").status_code == 303
    assert nord.leaves("session.ended-by-provider") == [{"issuer": "haus"}]


@pytest.mark.parametrize("token", ["", "no token", "a.b.c", "e30.e30.e30"])
def test_a_false_logout_token_ends_nothing(nord: House, visitor: Visitor, token: str) -> None:
    nord.link("clerk", "anna-1")
    visitor.log_in("anna-1")
    url = f"{nord.url}/login/back-channel"
    assert httpx.post(url, data={"logout_token": token}).status_code == 400
    assert visitor.get(f"{nord.url}/cases").status_code == 200


def test_no_subject_and_no_token_stands_in_the_log(nord: House, visitor: Visitor) -> None:
    nord.link("clerk", "anna-1")
    visitor.log_in("anna-1")
    with nord.center.work.begin(write=False) as tx:
        bodies = b"".join(leaf.body for leaf in tx.audit.unsequenced(1000))
    assert b"anna-1" not in bodies
