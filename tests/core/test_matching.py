"""Who is linked, who is asked about, who is nobody we know: scenarios."""

from datetime import date

import pytest

from linkage.classify import Outcome
from linkage.normalize import kvnr_check_digit
from ttp.core.identifying_data import checked_record
from ttp.core.matching import Bearers, Comparable, comparable, present_model

ANNA = {
    "given_name": "Anna",
    "surname": "Lehmann",
    "birth_date": "1984-03-07",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
}
PID = {"system": "urn:pid", "value": "1"}
MATCH, POSSIBLE, NON_MATCH = Outcome.MATCH, Outcome.POSSIBLE, Outcome.NON_MATCH


def kvnr(stem: str) -> str:
    return f"{stem}{kvnr_check_digit(stem)}"


SCENARIOS = [
    ("the same record", {}, {}, MATCH),
    ("typing error in the surname", {}, {"surname": "Lehmnan"}, MATCH),
    ("typing error in the given name", {"given_name": "Annegret"}, {"given_name": "Annegrt"}, MATCH),
    ("day and month exchanged", {}, {"birth_date": "1984-07-03"}, MATCH),
    ("moved", {}, {"postcode": "20095", "city": "Hamburg"}, MATCH),
    ("another spelling of the given name", {"given_name": "Stefan"}, {"given_name": "Stephan"}, MATCH),
    ("names exchanged", {}, {"given_name": "Lehmann", "surname": "Anna"}, MATCH),
    ("married, same address", {}, {"surname": "Özdemir"}, MATCH),
    (
        "married and moved, birth name given",
        {},
        {"surname": "Özdemir", "birth_name": "Lehmann", "postcode": "20095", "city": "Hamburg"},
        MATCH,
    ),
    ("married and moved", {}, {"surname": "Özdemir", "postcode": "20095", "city": "Hamburg"}, POSSIBLE),
    ("twin sister", {}, {"given_name": "Clara"}, NON_MATCH),
    ("twin sister of like name", {}, {"given_name": "Hanna"}, POSSIBLE),
    ("twins Lena and Lea", {"given_name": "Lena"}, {"given_name": "Lea"}, POSSIBLE),
    ("twins Luna and Lena", {"given_name": "Luna"}, {"given_name": "Lena"}, POSSIBLE),
    ("twins Tea and Lea", {"given_name": "Tea"}, {"given_name": "Lea"}, POSSIBLE),
    ("twin brother", {}, {"given_name": "Jonas", "sex": "m"}, NON_MATCH),
    ("mother and daughter of one name", {}, {"birth_date": "2012-11-21"}, POSSIBLE),
    ("two valid insurance numbers", {"kvnr": "A123456780"}, {"kvnr": kvnr("C20091971")}, POSSIBLE),
    ("one insurance number, married and moved", {"kvnr": "A123456780"},
     {"kvnr": "A123456780", "surname": "Özdemir", "postcode": "20095", "city": "Hamburg"}, MATCH),
    ("somebody else", {}, {"given_name": "Clara", "surname": "Voss", "birth_date": "1951-12-24"}, NON_MATCH),
    ("one identifier, nothing else in common to compare",
     {"identifiers": [PID]}, {"identifiers": [PID], "surname": None, "birth_date": None}, MATCH),
    ("one identifier, somebody else",
     {"identifiers": [PID]},
     {"identifiers": [PID], "given_name": "Clara", "surname": "Voss", "birth_date": "1951-12-24"}, POSSIBLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_sentence", "first", "second", "outcome"), SCENARIOS, ids=[one[0] for one in SCENARIOS]
)
def test_scenario(
    _sentence: str, first: dict[str, object], second: dict[str, object], outcome: Outcome
) -> None:
    today = date(2026, 11, 22)
    left, right = (
        comparable(checked_record(ANNA | change, today=today)) for change in (first, second)
    )
    model = present_model()
    verdict = model.explain(left, right, Bearers())
    assert verdict.outcome is outcome, (verdict.total, verdict.contributions)
    assert model.judge(left, right, Bearers()).outcome is outcome
    assert model.explain(right, left, Bearers()) == verdict
    assert sum(one.weight for one in verdict.contributions) == pytest.approx(
        verdict.total, abs=0.01
    )


def test_a_spelling_that_many_bear_is_a_name() -> None:
    today = date(2026, 11, 22)
    xandria, xandia = (
        comparable(checked_record(ANNA | {"given_name": name}, today=today))
        for name in ("Xandria", "Xandia")
    )
    model = present_model()
    assert model.judge(xandria, xandia, counted([xandria] * 90 + [xandia])).outcome is MATCH
    borne = counted([xandria] * 40 + [xandia] * 20)
    assert model.judge(xandria, xandia, borne).outcome is not MATCH


def counted(records: list[Comparable]) -> Bearers:
    bearers = Bearers()
    for record in records:
        bearers.count(record)
    return bearers
