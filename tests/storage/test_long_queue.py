"""A long queue opens as fast as a short one: one page along an index, counts that end. Scale 5 is 100,000 cases."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from tests.builders import make_center
from tests.scale import scaled
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import COUNTED, CaseFilter
from ttp.core.names import CaseId
from ttp.core.persons import LOCAL
from ttp.core.review import CaseState
from ttp.services.cases.export_cases import export_cases
from ttp.services.persons.open_population import open_population
from ttp.storage.tables import case_source, review_case
from ttp.storage.transaction import SqlTransaction

CASES = scaled(20_000, least=5_000, most=100_000)
SECONDS = 0.3


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = make_center(tmp_path, database_url)
    with made.work.begin() as tx:
        assert isinstance(tx, SqlTransaction)
        open_population(made, tx, name=LOCAL)
        cases = _cases(made)
        tx.connection.execute(insert(review_case), cases)
        tx.connection.execute(insert(case_source), [_source(case) for case in cases])
    return made


def _cases(center: Center) -> list[dict[str, Any]]:
    chance, now = random.Random(4), center.clock.now()
    return [
        {
            "id": center.new_id(),
            "population": LOCAL,
            "state": CaseState.OPEN.value if chance.random() < 0.9 else CaseState.DECIDED.value,
            "version": 1,
            "score": round(chance.uniform(5, 25), 2),
            "created_at": now - timedelta(minutes=number),
            "changed_at": now,
            "leaf": center.new_id(),
            "assignee": "clara" if number % 1000 == 0 else None,
            "doubt": ("uncertain", "two-given-names", "contradiction")[number % 3],
            "members": 2 + number % 4,
        }
        for number in range(CASES)
    ]


def _source(case: dict[str, Any]) -> dict[str, Any]:
    return {"source": f"klinik-{case['members']}", "case_id": case["id"]}


def _best(act: Callable[[], object]) -> float:
    found = []
    for _ in range(3):
        begun = time.perf_counter()
        act()
        found.append(time.perf_counter() - begun)
    return min(found)


FILTERS = {
    "all": CaseFilter(),
    "mine": CaseFilter(assignee="clara"),
    "nobody's": CaseFilter(assignee=""),
    "a source": CaseFilter(source="klinik-3"),
    "a source nobody has": CaseFilter(source="elsewhere"),
    "a doubt": CaseFilter(doubt="two-given-names", lowest=7.0),
    "large": CaseFilter(least_members=5),
    "opened again": CaseFilter(reopened=True),
    "urgent": CaseFilter(urgent=True),
    "not urgent": CaseFilter(urgent=False, lowest=7.0),
}


def test_any_view_of_a_long_queue_opens_at_once(center: Center) -> None:
    slow = {}
    with center.work.begin(write=False) as tx:
        for name, chosen in FILTERS.items():

            def opened(chosen: CaseFilter = chosen) -> object:
                lines = tx.desk.cases(chosen)
                tx.desk.count(chosen), tx.desk.sources(), tx.desk.doubts(), tx.desk.oldest()
                return lines and tx.desk.beside(lines[-1].case, forward=True)

            slow[name] = _best(opened)
        lines = tx.desk.cases(CaseFilter(), limit=1000)
        last = CaseId(lines[-1].case.id)
        slow["a later page"] = _best(lambda: tx.desk.cases(CaseFilter(), after=last))
        assert tx.desk.count(CaseFilter()) == COUNTED
        assert tx.desk.doubts() == ["contradiction", "two-given-names", "uncertain"]
    assert {name: one for name, one in slow.items() if one > SECONDS} == {}
    with center.work.begin() as tx:
        text = export_cases(center, tx, OPERATOR, chosen=CaseFilter(assignee="clara"))
        assert text.count(b"\r\n") == 1 + tx.desk.count(CaseFilter(assignee="clara"))
