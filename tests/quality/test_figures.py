"""Agreement and forecasts say what is known, and how well."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.agreement import kappa, median_of, wilson
from ttp.core.forecast import forecast
from ttp.core.names import PopulationName
from ttp.core.quality_desk import Check, CheckKind, CheckState, Vote, known_seconds, stratum_of
from ttp.core.review import Verdict

RATINGS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60)
DAYS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=28)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAME, DIFFERENT, LATER = Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER


@given(RATINGS)
def test_kappa_is_the_same_whoever_is_named_first(ratings: list[tuple[bool, bool]]) -> None:
    mirrored = kappa([(second, first) for first, second in ratings])
    found = kappa(ratings)
    assert (found.items, found.agreed) == (mirrored.items, mirrored.agreed)
    assert found.value == pytest.approx(mirrored.value)


@given(RATINGS)
def test_kappa_lies_in_its_interval(ratings: list[tuple[bool, bool]]) -> None:
    found = kappa(ratings)
    if found.value is None or found.low is None or found.high is None:
        assert len({first for first, _ in ratings}) <= 1
        return
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9 <= 1 + 2e-9


def test_kappa_of_the_worked_example_of_fleiss() -> None:
    """20 both yes, 15 both no, 5 and 10 split: observed .70, by chance .50, kappa .40."""
    ratings = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10
    found = kappa([*ratings, *[(False, False)] * 15])
    assert found.value == pytest.approx(0.4)


def test_agreeing_on_three_pairs_proves_little() -> None:
    found = kappa([(True, True), (False, False), (True, True)])
    assert found.value == pytest.approx(1.0)
    assert found.low is not None
    assert found.low < 0.5


@given(st.integers(0, 50), st.integers(0, 50))
def test_more_items_never_widen_the_interval_of_the_same_share(hits: int, others: int) -> None:
    few, many = wilson(hits, hits + others), wilson(10 * hits, 10 * (hits + others))
    assert many[1] - many[0] <= few[1] - few[0] + 1e-9


@given(st.integers(1, 500), DAYS)
def test_a_forecast_lies_in_its_range(waiting: int, days: list[tuple[int, int]]) -> None:
    found = forecast(waiting, days)
    if found.days is not None:
        assert found.soonest is not None
        assert 0 < found.soonest <= found.days
        assert found.latest is None or found.days <= found.latest


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([(0, 5), (0, 5), (0, 5)], 2, id="five a day"),
        pytest.param([(5, 5), (5, 5), (5, 5)], None, id="as many come as go"),
        pytest.param([(9, 1), (9, 1), (9, 1)], None, id="it grows"),
        pytest.param([(0, 9)], None, id="one day says nothing"),
        pytest.param([], None, id="nothing is known"),
    ],
)
def test_ten_cases_are_done(days: list[tuple[int, int]], expected: int | None) -> None:
    assert forecast(10, days).days == expected


def test_an_empty_queue_is_done_now() -> None:
    assert forecast(0, []).days == 0


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("12.345", 12.35),
        ("0", 0.0),
        ("", None),
        ("abc", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("3601", None),
    ],
)
def test_seconds_that_cannot_be_are_not_kept(given: str, known: float | None) -> None:
    assert known_seconds(given) == known


@given(st.floats(-60, 60))
def test_every_score_lies_in_its_stratum(score: float) -> None:
    assert stratum_of(score) <= score < stratum_of(score) + 4


def test_the_median_of_nothing_is_not_zero() -> None:
    assert median_of([]) is None
    assert median_of([1.0, 9.0, 2.0]) == 2.0


def _check(kind: CheckKind) -> Check:
    return Check(
        UUID(int=1),
        kind,
        PopulationName("local"),
        None,
        None,
        SAME,
        "staff:a",
        None,
        None,
        CheckState.OPEN,
        NOW,
    )


@pytest.mark.parametrize(
    ("kind", "said", "state", "outcome"),
    [
        pytest.param(CheckKind.SECOND, [], "open", None, id="nobody answered"),
        pytest.param(CheckKind.SECOND, [SAME], "settled", SAME, id="the second agrees"),
        pytest.param(CheckKind.SECOND, [DIFFERENT], "disputed", None, id="the second disagrees"),
        pytest.param(
            CheckKind.SECOND, [DIFFERENT, SAME], "settled", SAME, id="the third backs the first"
        ),
        pytest.param(
            CheckKind.LINK, [DIFFERENT, DIFFERENT], "settled", DIFFERENT, id="two doubt a link"
        ),
        pytest.param(CheckKind.SECOND, [LATER], "open", None, id="cannot tell is no answer"),
        pytest.param(CheckKind.SECOND, [LATER, SAME], "settled", SAME, id="another can"),
        pytest.param(CheckKind.GOLD, [SAME], "open", None, id="gold waits for everybody"),
        pytest.param(CheckKind.GOLD, [DIFFERENT], "open", None, id="gold is not disputed"),
    ],
)
def test_where_a_check_stands(
    kind: CheckKind, said: list[Verdict], state: str, outcome: Verdict | None
) -> None:
    check = _check(kind)
    votes = [Vote(check.id, f"staff:{place}", one, None, NOW) for place, one in enumerate(said)]
    assert check.after(votes) == (CheckState(state), outcome)
