"""What a case tells besides its questions: by when it is due, what is new in it, and who would survive."""

import html
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser.take_screenshots import AFTER, BEFORE
from tests.builders import ManualClock, make_center
from tests.pages.people import NORTH, Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, CaseLine
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.name_new_evidence import name_new_evidence


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = replace(make_center(tmp_path, role="local"), clock=ManualClock())
    make_person(made, Role.CLERK)
    return made


@pytest.fixture
def clerk(center: Center) -> Browser:
    make_cases(center)
    return Browser(center, "clerk")


def _lines(center: Center) -> list[CaseLine]:
    return center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False)


def test_a_date_is_set_and_taken_back_on_a_case_and_in_the_queue(
    center: Center, clerk: Browser
) -> None:
    first, second = (line.case for line in _lines(center))
    clerk.post(f"/cases/{first.id}/due", due="2031-05-04")
    assert "04.05.2031" in clerk.get(f"/cases/{first.id}").text
    both = [f"{case.id}.{case.version}" for case in (first, second)]
    clerk.post("/cases/together", case=both, act="due", due="2031-06-07")
    assert clerk.get("/cases").text.count("07.06.2031") == 2
    clerk.post(f"/cases/{first.id}/due", due="")
    assert [line.case.due_at is None for line in _lines(center)] == [True, False]


@pytest.mark.parametrize("due", ["tomorrow", "2031-02-30"])
def test_a_date_that_is_no_day_is_refused(center: Center, clerk: Browser, due: str) -> None:
    first = _lines(center)[0].case
    assert clerk.post(f"/cases/{first.id}/due", due=due).status_code == 422
    assert _lines(center)[0].case.due_at is None


def test_who_confirms_a_contradiction_sees_who_survives(center: Center) -> None:
    make_cases(center, [BEFORE], [AFTER])
    [line] = _lines(center)
    clerk = Browser(center, "clerk")
    form = {"verdict": "same", "reason": "typing-error", "version": str(line.case.version)}
    asked = clerk.post(f"/cases/{line.case.id}/decision", **form)
    told = html.unescape(asked.text)
    assert asked.status_code == 409
    assert "Personen danach" in told
    assert "klinik-sued" in told


def test_a_case_opened_again_names_the_fields_that_changed_since_and_no_others(
    center: Center, clerk: Browser
) -> None:
    case = _lines(center)[0].case
    clock = center.clock
    assert isinstance(clock, ManualClock)

    def decided(tx: Transaction) -> None:
        decide_case(
            center,
            tx,
            OPERATOR,
            case_id=case.id,
            verdict=Verdict.DIFFERENT,
            reason="relatives",
            version=case.version,
        )

    clock.skip(minutes=1)
    center.work.run(decided)
    clock.skip(minutes=1)
    make_cases(center, [one | {"city": "Husum"} for one in NORTH], [])

    def told(tx: Transaction) -> list[tuple[str, tuple[str, ...]]]:
        ends = [one for pair in tx.review.pairs([case.id])[case.id] for one in pair.match.pair]
        rows, now = tx.identities.versions(ends), center.clock.now()
        decisions = tx.review.decisions([case.id])
        again = replace(tx.review.get(case.id), reopened_at=now)
        assert name_new_evidence(center, tx, tx.review.get(case.id), rows, decisions) == []
        found = name_new_evidence(center, tx, again, rows, decisions)
        return [(one.source, one.fields) for one in found]

    assert center.work.run(told, write=False) == [("klinik-nord", ("city",))]
