"""The unseal page: no script, no cookie, no login; it shows no share and obeys no other site."""

import logging
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import Client, TestResponse

from keys.custody import quorum
from tests.builders import ManualClock
from ttp.config import Settings
from ttp.sealed.answers import MAX_BODY, AdminAnswers, application
from ttp.sealed.texts import TEXTS
from ttp.sealed.unsealing import Unsealing

NAME = '<b id="x">Anders'


class Page:
    """The page of a sealed center, and the papers that open it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "quorum.json"
        dealt = quorum.create(path, threshold=2, custodians=[NAME, "Brandt", "Celik"])
        self.papers = [share.text() for share in dealt.shares]
        self.unsealing = Unsealing(path, clock=ManualClock())
        settings = Settings(folder, name="nord", public_url="https://ttp.example")
        self.client = Client(application(AdminAnswers(settings, self.unsealing)))  # type: ignore[arg-type] # werkzeug's own decorator is typed wider

    def enter(self, share: str, **more: Any) -> TestResponse:
        return self.client.post("/unseal", data={"share": share}, **more)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["de"].keys() == TEXTS["en"].keys()


@pytest.mark.parametrize(
    ("header", "query", "language"),
    [("de", "", "de"), ("en-US,en", "", "en"), ("fr", "", "de"), ("en", "?language=de", "de")],
)
def test_the_page_speaks_the_language_of_its_reader(
    page: Page, header: str, query: str, language: str
) -> None:
    answer = page.client.get(f"/unseal{query}", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in answer.text
    assert TEXTS[language]["button"] in answer.text


def test_the_policy_allows_no_script_and_answers_set_no_cookie(page: Page) -> None:
    for answer in (page.client.get("/unseal"), page.enter("x"), page.enter(page.papers[0])):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_answer_and_no_log_repeats_what_was_typed(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    typed = [page.papers[0], page.papers[0], page.papers[1][:-2] + "ZZ", "SECRET GUESS"]
    for share in typed:
        answer = page.enter(share)
        for group in (*share.split("-")[3:], "GUESS"):
            assert group not in answer.text
            assert group not in caplog.text


def test_names_of_custodians_are_text_and_never_markup(page: Page) -> None:
    answer = page.enter(page.papers[0])
    assert answer.status_code == 200
    assert "<b id" not in answer.text
    assert "&lt;b id=&quot;x&quot;&gt;Anders" in answer.text


def test_a_wrong_share_is_told_in_the_language_of_the_page(page: Page) -> None:
    wrong = page.papers[1][:40] + ("7" if page.papers[1][40] != "7" else "1") + page.papers[1][41:]
    told = page.enter(wrong, headers={"Accept-Language": "de"})
    assert told.status_code == 422
    assert "Wahrscheinlich ist ein Zeichen in Gruppe 9 falsch." in told.text


FROM_ELSEWHERE = {
    "a form of another site": {"Origin": "https://evil.example"},
    "a page without an origin": {"Origin": "null"},
    "a frame of another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighboring host": {"Sec-Fetch-Site": "same-site"},
    "a name that was made to point here": {"Host": "evil.example"},
}


@pytest.mark.parametrize("sentence", FROM_ELSEWHERE)
def test_a_share_from_elsewhere_is_not_looked_at(page: Page, sentence: str) -> None:
    answer = page.enter(page.papers[0], headers=FROM_ELSEWHERE[sentence])
    assert answer.status_code == 403
    assert page.unsealing.entered == ()


def test_the_page_takes_its_own_form_back(page: Page) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert page.enter(page.papers[0], headers=headers).status_code == 200


def test_what_is_longer_than_any_share_is_refused_unread(page: Page) -> None:
    assert page.enter("A" * MAX_BODY).status_code == 413


def test_the_eleventh_entry_within_a_minute_has_to_wait(page: Page) -> None:
    statuses = [page.enter("x").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_everything_but_the_page_is_sealed(page: Page) -> None:
    assert page.client.get("/livez").status_code == 200
    for path in ("/readyz", "/api/v1/domains", "/metrics"):
        answer = page.client.get(path)
        problem = orjson.loads(answer.data)
        assert (answer.status_code, problem["code"], problem["missing"]) == (503, "sealed", 2)
    assert page.client.put("/unseal").status_code == 404
