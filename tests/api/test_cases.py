"""The queue over JSON: what comes first says why, and every filter of the pages is one of the API."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.simulated_provider import SimulatedProvider
from tests.builders import make_center
from tests.pages.people import make_cases
from ttp.app import create_app
from ttp.core.access import Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.ports import Transaction
from ttp.core.review import PossibleMatch

Asked = tuple[FlaskClient, dict[str, str]]


@pytest.fixture
def center(tmp_path: Path) -> Center:
    """Two cases; the one that is less likely contradicts what was decided."""
    made = make_center(tmp_path, role="local")
    make_cases(made)
    made.work.run(_contradict)
    return made


def _contradict(tx: Transaction) -> None:
    last = tx.desk.cases(CaseFilter())[-1].case.id
    match = tx.review.pairs([last])[last][0].match
    tx.review.renew([PossibleMatch(*match.pair, match.score, conflict=True)])


@pytest.fixture
def clerk(center: Center) -> Asked:
    provider = SimulatedProvider()
    app = create_app(center, providers={"haus": provider})  # type: ignore[dict-item] # only its keys are asked
    token = provider.token(center, Role.CLERK)
    return app.test_client(), {"Authorization": f"Bearer {token}"}


def _cases(clerk: Asked, query: str = "") -> list[dict[str, Any]]:
    http, header = clerk
    answer = http.get(f"/api/v1/cases{query}", headers=header)
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["cases"]
    return found


def test_the_queue_tells_why_a_less_likely_case_comes_first(clerk: Asked) -> None:
    first, second = _cases(clerk)
    assert (first["urgent"], second["urgent"]) == (True, False)
    assert (first["doubt"], second["doubt"] != "contradiction") == ("contradiction", True)
    assert max(first["score"], second["score"]) < 500


def test_urgent_cases_and_all_others_can_be_asked_for(clerk: Asked) -> None:
    every = _cases(clerk)
    assert _cases(clerk, "?urgent=true") == every[:1]
    assert _cases(clerk, "?urgent=false") == every[1:]


def test_one_case_says_whether_it_is_urgent(clerk: Asked) -> None:
    http, header = clerk
    for one in _cases(clerk):
        shown = http.get(f"/api/v1/cases/{one['id']}", headers=header).get_json()
        assert (shown["urgent"], shown["score"]) == (one["urgent"], one["score"])


def test_the_export_is_filtered_by_urgency(clerk: Asked) -> None:
    http, header = clerk
    for urgent, word in (("true", "yes"), ("false", "no")):
        text = http.get(f"/api/v1/cases/export?urgent={urgent}", headers=header).text
        names, line = [one.split(",") for one in text.splitlines()]
        assert line[names.index("urgent")] == word


def test_a_word_that_is_no_truth_value_is_refused(clerk: Asked) -> None:
    http, header = clerk
    answer = http.get("/api/v1/cases?urgent=soon", headers=header)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-field")
