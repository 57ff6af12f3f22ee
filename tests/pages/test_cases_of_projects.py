"""Whoever is kept to projects sees no case, decision or count of other patients, on any page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import make_center
from tests.pages.people import Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, DecisionFilter
from ttp.core.names import CaseId
from ttp.core.review import Verdict
from ttp.services.access.limit_account import limit_account
from ttp.services.cases.decide_case import decide_case


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path)
    make_cases(made)
    return made


@pytest.fixture
def bound(center: Center) -> Browser:
    name = make_person(center, Role.CLERK)
    center.work.run(
        lambda tx: limit_account(center, tx, OPERATOR, name=name, domains=None, projects=[])
    )
    return Browser(center, name)


def open_case(center: Center) -> CaseId:
    return center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)[0].case.id


def test_the_queue_is_empty(center: Center, bound: Browser) -> None:
    case = str(open_case(center))
    assert case not in bound.get("/cases").text
    assert bound.get("/cases/first").headers["Location"].endswith("/cases")
    assert bound.get(f"/cases/{case}").status_code == 403
    assert case not in bound.get("/cases", population="local").text


def test_nothing_that_was_decided_is_listed(center: Center, bound: Browser) -> None:
    chosen = open_case(center)
    center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            OPERATOR,
            case_id=chosen,
            verdict=Verdict.DIFFERENT,
            reason="Akte",
            version=tx.review.get(chosen).version,
        )
    )
    (line,) = center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False)
    for path in ("/decisions", "/"):
        assert str(line.id) not in bound.get(path).text
        assert str(chosen) not in bound.get(path).text
    assert str(chosen) not in bound.get("/cases", decided=str(line.id)).text


def test_who_is_kept_to_nothing_sees_all(center: Center) -> None:
    browser = Browser(center, make_person(center, Role.CLERK, "carla"))
    assert str(open_case(center)) in browser.get("/cases").text
