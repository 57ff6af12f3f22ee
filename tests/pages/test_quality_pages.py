"""The quality desk and the practice as people use them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.pages.people import Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.review import Verdict
from ttp.core.vignettes import practice
from ttp.services.log.list_leaves import LeafFilter, list_leaves

CHECK = re.compile(r"/quality/checks/[0-9a-f-]{36}")


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = replace(make_center(tmp_path, role="local"), second_review_percent=100)
    for role in (Role.CLERK, Role.STEWARD):
        make_person(made, role)
    return made


def _leaves(center: Center) -> int:
    return center.work.run(
        lambda tx: len(
            list_leaves(center, tx, OPERATOR, wanted=LeafFilter(action="quality.answered")).leaves
        )
    )


def _open(browser: Browser) -> str:
    return str(browser.get("/quality/next").headers["Location"])


def test_a_clerk_answers_what_a_steward_planted_until_nothing_waits(center: Center) -> None:
    steward, clerk = Browser(center, "steward"), Browser(center, "clerk")
    assert steward.post("/quality/gold", count="2").status_code == 303
    for _ in range(2):
        path = _open(clerk)
        assert CHECK.search(path)
        shown = clerk.get(path).text
        assert "Noch" in shown
        assert not any(kind in shown for kind in ("gold", "score", "+1"))
        assert clerk.post(path, verdict="same", seconds="4.2").status_code == 303
    assert _open(clerk) == "/quality?done=1"
    assert _leaves(center) == 2
    assert "2" in clerk.get("/quality").text
    assert "clerk" in steward.get("/quality").text


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"verdict": "maybe"}, id="no such answer"),
        pytest.param({}, id="no answer"),
    ],
)
def test_an_answer_that_is_none_is_refused(center: Center, fields: dict[str, str]) -> None:
    Browser(center, "steward").post("/quality/gold", count="1")
    clerk = Browser(center, "clerk")
    assert clerk.post(_open(clerk), **fields).status_code == 422


def test_an_answer_counts_once(center: Center) -> None:
    Browser(center, "steward").post("/quality/gold", count="1")
    clerk = Browser(center, "clerk")
    path = _open(clerk)
    clerk.post(path, verdict="same")
    again = clerk.post(path, verdict="different")
    assert again.status_code == 409
    assert "schon beantwortet" in again.text


def test_a_sample_of_the_stock_is_listed_and_filtered(center: Center) -> None:
    make_cases(center)
    make_cases(center, [], [])
    steward = Browser(center, "steward")
    assert steward.post("/quality/samples", count="3").status_code == 303
    assert steward.get("/quality/checks").status_code == 200
    assert (
        steward.get("/quality/checks", state="disputed", kind="gold", contradicted="1").status_code
        == 200
    )
    assert steward.post("/quality/samples", count="x").status_code == 422


def test_the_practice_says_what_was_right_and_why_and_stores_nothing(center: Center) -> None:
    clerk = Browser(center, "clerk")
    assert clerk.get("/practice").status_code == 200
    marks = ""
    before = center.work.run(lambda tx: tx.audit.size(), write=False)
    for number, pair in enumerate(practice(), start=1):
        asked = clerk.get(f"/practice/{number}", marks=marks).text
        assert "Gewichte" not in asked
        told = clerk.post(f"/practice/{number}", marks=marks, verdict=pair.truth.value).text
        assert "Richtig." in told
        found = re.search(r"marks=([01]*)", told)
        assert found
        marks = found.group(1)
    assert marks == "1" * 10
    assert "10 richtige Antworten" in clerk.get("/practice/11", marks=marks).text
    assert center.work.run(lambda tx: tx.audit.size(), write=False) == before


def test_a_wrong_answer_in_practice_is_explained(center: Center) -> None:
    clerk = Browser(center, "clerk")
    first = practice()[0]
    assert first.truth is Verdict.SAME
    told = clerk.post("/practice/1", marks="", verdict="different").text
    assert "Anders." in told
    assert "Es ist dieselbe Person." in told


@pytest.mark.parametrize("number", [0, 12, 99])
def test_there_are_ten_practice_cases(center: Center, number: int) -> None:
    assert Browser(center, "clerk").get(f"/practice/{number}").status_code == 404


def test_marks_that_nobody_earned_are_dropped(center: Center) -> None:
    shown = Browser(center, "clerk").get("/practice/2", marks="<script>").text
    assert 'name="marks" value=""' in shown
