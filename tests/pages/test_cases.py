"""Cases without scripts: the forms alone suffice to decide, to see more, and to undo."""

import html
import re
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, SOUTH, Browser, make_cases, make_person
from ttp.core.access import OPERATOR, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, DecisionFilter, DecisionLine
from ttp.core.names import CaseId
from ttp.core.review import CaseState, ReviewCase
from ttp.services.log.list_leaves import LeafFilter, ReadLeaf, list_leaves

REASON = {"reason": "relatives"}


@pytest.fixture
def center(tmp_path: Path) -> Center:
    made = make_center(tmp_path, role="local")
    make_cases(made)
    make_person(made, Role.CLERK)
    return made


@pytest.fixture
def clerk(center: Center) -> Browser:
    return Browser(center, "clerk")


def _first(center: Center) -> ReviewCase:
    return center.work.run(lambda tx: tx.desk.cases(CaseFilter())[0].case, write=False)


def _case(center: Center, case_id: CaseId) -> ReviewCase:
    return center.work.run(lambda tx: tx.review.get(case_id), write=False)


def _decisions(center: Center) -> list[DecisionLine]:
    return center.work.run(lambda tx: tx.desk.decisions(DecisionFilter()), write=False)


def _leaves(center: Center, action: str) -> list[ReadLeaf]:
    page = center.work.run(
        lambda tx: list_leaves(center, tx, OPERATOR, wanted=LeafFilter(action=action))
    )
    return page.leaves


def _decide(clerk: Browser, case: ReviewCase, **fields: str) -> int:
    form = {"verdict": "same", "version": str(case.version), **REASON, **fields}
    return clerk.post(f"/cases/{case.id}/decision", **form).status_code


def test_a_case_shows_only_what_differs(center: Center, clerk: Browser) -> None:
    for case in center.work.run(lambda tx: tx.desk.cases(CaseFilter()), write=False):
        text = html.unescape(clerk.get(f"/cases/{case.case.id}").text)
        for record in (*NORTH, *SOUTH):
            for field in ("surname", "birth_date", "postcode", "city", "record_id"):
                assert record[field] not in text
    assert _leaves(center, "case.revealed") == []


def test_clear_text_needs_a_reason_and_leaves_a_leaf(center: Center, clerk: Browser) -> None:
    case = _first(center)
    path = f"/cases/{case.id}/reveal"
    assert clerk.post(path, reason=" ").status_code == 400
    assert _leaves(center, "case.revealed") == []
    text = clerk.post(path, reason="names look foreign").text
    assert {"Petersen", "Brandt"} & set(re.findall(r"\w+", text))
    [leaf] = _leaves(center, "case.revealed")
    assert leaf.body["purpose"] == "names look foreign"
    assert leaf.body["subjects"]["count"] == 2


def test_a_decision_leads_to_the_next_case_and_the_last_one_to_the_queue(
    center: Center, clerk: Browser
) -> None:
    for following in ("/cases/", "/cases?decided="):
        case = _first(center)
        assert _decide(clerk, case) == 303
        assert _location(clerk).startswith(following)
    assert "Als gleich entschieden" in clerk.get(_location(clerk)).text
    assert [one.by for one in _decisions(center)] == ["staff:clerk"] * 2


def _location(clerk: Browser) -> str:
    assert clerk.last is not None
    return clerk.last.headers["Location"]


def test_a_form_made_for_an_older_version_changes_nothing(center: Center, clerk: Browser) -> None:
    case = _first(center)
    assert _decide(clerk, case, verdict="later") == 303
    assert _decide(clerk, case) == 409
    assert _case(center, case.id).state is CaseState.POSTPONED


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"reason": ""}, 400, id="no reason"),
        pytest.param({"reason": "other"}, 400, id="other reason without words"),
        pytest.param({"reason": "because"}, 400, id="unknown reason"),
        pytest.param({"reason": "other", "note": "x" * 501}, 422, id="endless reason"),
        pytest.param({"verdict": ""}, 422, id="no verdict"),
        pytest.param({"verdict": "perhaps"}, 422, id="unknown verdict"),
        pytest.param({"version": "x"}, 422, id="unreadable version"),
        pytest.param({"pair": "1.2"}, 422, id="unreadable pair"),
    ],
)
def test_a_form_that_says_too_little_changes_nothing(
    center: Center, clerk: Browser, fields: dict[str, str], status: int
) -> None:
    case = _first(center)
    assert _decide(clerk, case, **fields) == status
    assert _decisions(center) == []


def test_later_needs_no_reason(center: Center, clerk: Browser) -> None:
    case = _first(center)
    assert _decide(clerk, case, verdict="later", reason="") == 303
    assert "zurückgestellt" in clerk.get(f"/cases/{case.id}").text


def test_enter_in_the_note_cannot_decide_without_scripts(center: Center, clerk: Browser) -> None:
    """The first button is what Enter presses: a disabled one (HTML, implicit submission)."""
    text = clerk.get(f"/cases/{_first(center).id}").text
    buttons = re.findall(r"<button[^>]*>", text[text.index('id="decide"') :])
    assert buttons[0] == "<button disabled hidden>"


def test_every_decision_can_be_undone_with_a_reason(center: Center, clerk: Browser) -> None:
    case = _first(center)
    _decide(clerk, case)
    [line] = _decisions(center)
    assert clerk.post(f"/decisions/{line.id}/undo", reason="").status_code == 400
    response = clerk.post(f"/decisions/{line.id}/undo", reason="mixed up")
    assert response.headers["Location"] == f"/cases/{case.id}?undone={line.id}"
    assert "mixed up" in clerk.get(f"/cases/{case.id}").text
    assert _case(center, case.id).state is CaseState.OPEN
    assert clerk.post(f"/decisions/{line.id}/undo", reason="again").status_code == 409


def test_decisions_that_rest_on_another_are_named_and_undone_together(tmp_path: Path) -> None:
    """Lea is Lena; then a third child is judged against the person so made."""
    center = make_center(tmp_path, role="local")
    make_person(center, Role.CLERK)
    clerk = Browser(center, "clerk")
    for child in ("Lea", "Lena", "Lara"):
        make_cases(center, [NORTH[0] | {"record_id": child, "given_name": child}], [])
        if child != "Lea":
            assert _decide(clerk, _first(center)) == 303
    later, first = _decisions(center)
    response = clerk.post(f"/decisions/{first.id}/undo", reason="twins after all")
    assert response.status_code == 409
    also = re.findall(r'name="also" value="([^"]+)"', response.text)
    assert also == [str(later.id)]
    again = clerk.post(f"/decisions/{first.id}/undo", reason="twins after all", also=also)
    assert again.status_code == 303
    assert all(line.undone_by == "staff:clerk" for line in _decisions(center))


def test_the_queue_filters_by_state_source_and_score(center: Center, clerk: Browser) -> None:
    score = _first(center).score
    assert _listed(clerk) == 2
    assert _listed(clerk, source="klinik-sued") == 2
    assert _listed(clerk, source="elsewhere") == 0
    assert _listed(clerk, lowest=str(score + 0.01).replace(".", ",")) == 0
    assert _listed(clerk, highest="not a number") == 2
    _decide(clerk, _first(center))
    assert (_listed(clerk), _listed(clerk, state="decided")) == (1, 1)


def _listed(clerk: Browser, **query: str) -> int:
    return len(re.findall(r'<th scope="row"><a href="/cases/', clerk.get("/cases", **query).text))


def test_the_decisions_filter_by_verdict_person_and_standing(
    center: Center, clerk: Browser
) -> None:
    _decide(clerk, _first(center))
    _decide(clerk, _first(center), verdict="different")
    clerk.post(f"/decisions/{_decisions(center)[0].id}/undo", reason="no")
    counts = [
        clerk.get("/decisions", **query).text.count('<th scope="row">')
        for query in ({}, {"verdict": "same"}, {"by": "clerk"}, {"by": "x"}, {"standing": "on"})
    ]
    assert counts == [2, 1, 2, 0, 1]
