"""Cases that contradict something come first for as long as they do, also those that were asked by older programs."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.builders import ManualClock, make_center
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.identities import IdentityRow
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import LOCAL, IdentityKind, Pair
from ttp.core.ports import Transaction
from ttp.core.review import CaseState, PossibleMatch, ReviewCase
from ttp.services.cases.export_cases import export_cases
from ttp.services.cases.open_cases import open_cases
from ttp.services.persons.open_population import open_population
from ttp.storage.migrate import downgrade, upgrade

AS_OLDER_PROGRAMS_STORED_IT = """
UPDATE review_case SET doubt = 'uncertain',
score = CASE WHEN score >= 500 THEN score - 1000 ELSE score + 1000 END
"""


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = replace(make_center(tmp_path, database_url, role="local"), clock=ManualClock())
    made.work.run(lambda tx: open_population(made, tx, name=LOCAL))
    return made


def _identity(center: Center, tx: Transaction) -> IdentityId:
    identity = IdentityId(center.new_id())
    mark = identity.bytes
    row = IdentityRow(identity, IdentityKind.CLEAR, "klinik", 1, mark, None, mark, b"sealed")
    tx.identities.add(LOCAL, [row], at=center.clock.now(), leaf=_leaf(center))
    return identity


def _leaf(center: Center) -> LeafId:
    return LeafId(center.new_id())


def _case(center: Center, tx: Transaction, score: float, *, conflict: bool = False) -> CaseId:
    ends = _identity(center, tx), _identity(center, tx)
    facts = {"doubt": "two-given-names"}
    match = PossibleMatch(*ends, score, (), facts, conflict=conflict)
    [made] = open_cases(center, tx, OPERATOR, population=LOCAL, possible=[match])
    return made


def _made(center: Center, score: float, *, conflict: bool = False) -> CaseId:
    return center.work.run(lambda tx: _case(center, tx, score, conflict=conflict))


def _queue(center: Center, chosen: CaseFilter | None = None) -> list[ReviewCase]:
    lines = center.work.run(lambda tx: tx.desk.cases(chosen or CaseFilter()), write=False)
    return [line.case for line in lines]


def _pair(tx: Transaction, case_id: CaseId) -> Pair:
    return tx.review.pairs([case_id])[case_id][0].match.pair


def _told(center: Center) -> list[tuple[CaseId, bool, float, str]]:
    return [(case.id, case.urgent, case.score, case.doubt) for case in _queue(center)]


def test_the_urgent_are_filtered_like_everything_else(center: Center) -> None:
    plain, urgent = _made(center, 12.0), _made(center, 3.0, conflict=True)
    assert [case.id for case in _queue(center)] == [urgent, plain]
    assert [case.id for case in _queue(center, CaseFilter(urgent=True))] == [urgent]
    assert [case.id for case in _queue(center, CaseFilter(urgent=False))] == [plain]


def test_an_export_says_which_cases_are_urgent(center: Center) -> None:
    _made(center, 12.0), _made(center, 3.0, conflict=True)
    body = center.work.run(lambda tx: export_cases(center, tx, OPERATOR, chosen=CaseFilter()))
    head, *lines = [line.split(",") for line in body.decode().splitlines()]
    column, score = head.index("urgent"), head.index("score")
    assert [(line[column], line[score]) for line in lines] == [("yes", "3.0"), ("no", "12.0")]


def test_cases_of_older_programs_come_to_the_place_that_they_would_be_given_now(
    center: Center, database_url: str
) -> None:
    _made(center, 12.0), _made(center, 3.0, conflict=True), _made(center, 20.0)
    now = _told(center)
    engine = create_engine(database_url)
    downgrade(database_url, "0025")
    with engine.begin() as connection:
        connection.execute(text(AS_OLDER_PROGRAMS_STORED_IT))
    engine.dispose()
    assert _told(center) != now
    upgrade(database_url)
    assert [one[:3] for one in _told(center)] == [one[:3] for one in now]
    assert _told(center)[0] == now[0]
    downgrade(database_url, "0025")
    upgrade(database_url)
    assert [one[:3] for one in _told(center)] == [one[:3] for one in now]


def test_a_question_that_was_withdrawn_makes_no_case_urgent(center: Center) -> None:
    plain, urgent = _made(center, 12.0), _made(center, 3.0, conflict=True)
    now = center.clock.now()
    center.work.run(lambda tx: tx.review.withdraw([_pair(tx, urgent)], at=now))
    assert _told(center) == [
        (plain, False, 12.0, "two-given-names"),
        (urgent, False, 3.0, "contradiction"),
    ]


def test_a_question_renewed_without_a_contradiction_falls_back(center: Center) -> None:
    urgent = _made(center, 3.0, conflict=True)

    def renew(tx: Transaction) -> None:
        match = PossibleMatch(*_pair(tx, urgent), 4.0, (), {"doubt": "two-given-names"})
        tx.review.renew([match])

    center.work.run(renew)
    assert _told(center) == [(urgent, False, 3.0, "two-given-names")]


def test_a_source_that_takes_its_word_back_makes_its_case_urgent_no_more(center: Center) -> None:
    plain, other = _made(center, 3.0), _made(center, 12.0)

    def contradict(tx: Transaction) -> None:
        at = center.clock.now()
        tx.review.withdraw([_pair(tx, plain)], at=at)
        tx.hospital.contradict(_pair(tx, plain), source="klinik", leaf=_leaf(center), at=at)
        assert not tx.review.pairs([plain])[plain][0].withdrawn

    center.work.run(contradict)
    assert [case.id for case in _queue(center)] == [plain, other]
    center.work.run(lambda tx: tx.hospital.appease(_pair(tx, plain), source="klinik"))
    assert [case.id for case in _queue(center)] == [other, plain]
    assert not any(case.urgent for case in _queue(center))


def test_what_takes_over_an_urgent_case_is_urgent_and_keeps_its_score(center: Center) -> None:
    kept, urgent = _made(center, 12.0), _made(center, 3.0, conflict=True)

    def absorb(tx: Transaction) -> None:
        leaf, at = _leaf(center), center.clock.now()
        tx.review.absorb([urgent], into=kept, at=at, leaf=leaf)

    center.work.run(absorb)
    assert [(case.id, case.urgent, case.score) for case in _queue(center)] == [(kept, True, 12.0)]
    [gone] = [center.work.run(lambda tx: tx.review.get(urgent), write=False)]
    assert gone.state is CaseState.ABSORBED


def test_an_urgent_case_that_gets_a_stronger_question_shows_its_score(center: Center) -> None:
    urgent = _made(center, 3.0, conflict=True)

    def enlarge(tx: Transaction) -> None:
        first, _ = _pair(tx, urgent)
        match = PossibleMatch(first, _identity(center, tx), 15.0)
        tx.review.add_pairs(urgent, [match])

    center.work.run(enlarge)
    assert _told(center) == [(urgent, True, 15.0, "contradiction")]
