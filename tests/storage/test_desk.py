"""The reviewer's lists and the counts of failed logins, on both databases."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import ManualClock, make_center
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, DecisionFilter
from ttp.core.identities import IdentityRow
from ttp.core.logins import FAILURE_WINDOW
from ttp.core.names import CaseId, DecisionId, IdentityId, LeafId
from ttp.core.persons import LOCAL, IdentityKind
from ttp.core.ports import Transaction
from ttp.core.review import CaseState, PossibleMatch, Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.persons.open_population import open_population

SCORES = [9.0, 12.0, 12.0, 7.5, 10.0]


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return replace(make_center(tmp_path, database_url, role="local"), clock=ManualClock())


@pytest.fixture
def cases(center: Center) -> list[CaseId]:
    """One case for each score, in the order of the queue."""
    return center.work.run(lambda tx: _make_cases(center, tx))


def _make_cases(center: Center, tx: Transaction) -> list[CaseId]:
    open_population(center, tx, name=LOCAL)
    made = []
    for place, score in enumerate(SCORES):
        first, second = (_identity(center, tx, f"site-{side}", place, side) for side in (0, 1))
        match = PossibleMatch(first, second, score)
        made += open_cases(center, tx, OPERATOR, population=LOCAL, possible=[match])
    order = sorted(range(len(SCORES)), key=lambda place: (SCORES[place], made[place]), reverse=True)
    return [made[place] for place in order]


def _identity(center: Center, tx: Transaction, source: str, place: int, side: int) -> IdentityId:
    identity = IdentityId(center.new_id())
    mark = bytes([place, side]) * 8
    row = IdentityRow(identity, IdentityKind.CLEAR, source, 1, mark, None, mark, b"sealed")
    tx.identities.add(LOCAL, [row], at=center.clock.now(), leaf=LeafId(center.new_id()))
    return identity


def test_pages_of_the_queue_joined_are_the_whole_queue(center: Center, cases: list[CaseId]) -> None:
    seen: list[CaseId] = []
    with center.work.begin(write=False) as tx:
        while page := tx.desk.cases(CaseFilter(), after=seen[-1] if seen else None, limit=2):
            seen += [line.case.id for line in page]
    assert seen == cases


def test_neighbors_walk_the_queue_in_both_directions(center: Center, cases: list[CaseId]) -> None:
    with center.work.begin(write=False) as tx:
        found = [tx.review.get(case) for case in cases]
        assert [tx.desk.beside(case, forward=True) for case in found] == [*cases[1:], None]
        assert [tx.desk.beside(case, forward=False) for case in found] == [None, *cases[:-1]]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param(CaseFilter(), 5, id="open"),
        pytest.param(CaseFilter(state=CaseState.DECIDED), 0, id="state"),
        pytest.param(CaseFilter(lowest=10.0), 3, id="score from"),
        pytest.param(CaseFilter(highest=10.0), 3, id="score to"),
        pytest.param(CaseFilter(source="site-1"), 5, id="source"),
        pytest.param(CaseFilter(source="site-9"), 0, id="unknown source"),
        pytest.param(CaseFilter(population=LOCAL), 5, id="population"),
    ],
)
@pytest.mark.usefixtures("cases")
def test_filters_count_what_they_list(center: Center, chosen: CaseFilter, expected: int) -> None:
    with center.work.begin(write=False) as tx:
        assert tx.desk.count(chosen) == len(tx.desk.cases(chosen)) == expected


def test_lines_tell_sources_questions_and_answers(center: Center, cases: list[CaseId]) -> None:
    with center.work.begin(write=False) as tx:
        line = tx.desk.cases(CaseFilter())[0]
        assert (set(line.sources), line.questions, line.answered) == ({"site-0", "site-1"}, 1, 0)
        assert tx.desk.sources() == ["site-0", "site-1"]
        assert tx.desk.oldest() == center.clock.now()
    assert line.case.id == cases[0]


def test_decisions_are_listed_newest_first_with_their_undoing(
    center: Center, cases: list[CaseId]
) -> None:
    made = []
    for case in cases[:3]:
        with center.work.begin() as tx:
            made.append(_decide(center, tx, case))
        assert isinstance(center.clock, ManualClock)
        center.clock.skip(seconds=1)
    center.work.run(
        lambda tx: undo_decision(center, tx, OPERATOR, decision_id=made[1], reason="mistake")
    )
    with center.work.begin(write=False) as tx:
        lines = tx.desk.decisions(DecisionFilter())
        assert [line.id for line in lines] == made[::-1]
        assert [bool(line.undone_at) for line in lines] == [False, True, False]
        assert [line.id for line in tx.desk.decisions(DecisionFilter(), before=made[1])] == made[:1]
        assert len(tx.desk.decisions(DecisionFilter(standing=True))) == 2
        assert tx.desk.decisions(DecisionFilter(verdict=Verdict.SAME)) == []


def _decide(center: Center, tx: Transaction, case: CaseId) -> DecisionId:
    version = tx.review.get(case).version
    return decide_case(
        center,
        tx,
        OPERATOR,
        case_id=case,
        verdict=Verdict.DIFFERENT,
        reason="relatives",
        version=version,
    )


def test_failures_are_counted_until_their_window_ends(center: Center) -> None:
    now = center.clock.now()
    with center.work.begin() as tx:
        for _ in range(3):
            tx.logins.count_failure("account:a", now=now)
        tx.logins.count_failure("account:b", now=now)
        tx.logins.clear("account:b")
        found = tx.logins.failures("account:a")
        assert found is not None
        assert (found.count, found.block(3, now=now), found.block(4, now=now)) == (3, True, False)
        assert tx.logins.failures("account:b") is None
        later = now + FAILURE_WINDOW
        assert not found.block(3, now=later)
        tx.logins.count_failure("account:a", now=later)
        again = tx.logins.failures("account:a")
        assert again is not None
        assert again.count == 1
        assert tx.logins.forget(now=later + FAILURE_WINDOW + timedelta(seconds=1)) == 1


def test_what_a_source_contradicts_is_asked_first_whatever_its_score(
    center: Center, cases: list[CaseId]
) -> None:
    urgent = center.work.run(lambda tx: _contradiction(center, tx))
    with center.work.begin(write=False) as tx:
        shown = [line.case for line in tx.desk.cases(CaseFilter())]
        assert [case.id for case in shown] == [urgent, *cases]
        assert (shown[0].urgent, shown[0].score) == (True, 0.0)
        assert tx.desk.beside(shown[0], forward=True) == cases[0]
        assert tx.desk.beside(shown[1], forward=False) == urgent
        for lowest, highest, found in ((None, 1.0, 1), (1.0, None, len(cases)), (-1.0, 8.0, 2)):
            chosen = CaseFilter(lowest=lowest, highest=highest)
            assert tx.desk.count(chosen) == found


def _contradiction(center: Center, tx: Transaction) -> CaseId:
    first, second = (_identity(center, tx, f"site-{side}", 99, side) for side in (0, 1))
    match = PossibleMatch(first, second, 0.0, (), {"contradiction": "kept-apart"}, conflict=True)
    [made] = open_cases(center, tx, OPERATOR, population=LOCAL, possible=[match])
    return made


def test_a_case_whose_question_new_data_contradict_moves_to_the_front(
    center: Center, cases: list[CaseId]
) -> None:
    def step(tx: Transaction) -> list[CaseId]:
        pair = tx.review.pairs([cases[-1]])[cases[-1]][0].match
        tx.review.renew([PossibleMatch(pair.first, pair.second, 3.0, conflict=True)])
        return [line.case.id for line in tx.desk.cases(CaseFilter())]

    assert center.work.run(step) == [cases[-1], *cases[:-1]]
