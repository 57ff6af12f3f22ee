"""What a case page draws: runs of characters that agree or differ, and a waterfall of weights."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.masking import DOT, mask
from ttp.pages.differences import Run, differing, runs
from ttp.pages.waterfall import WIDTH, waterfall

values = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)
weights = st.lists(st.floats(-30, 30).map(lambda weight: round(weight, 2)), max_size=9)


@given(values, values)
def test_runs_joined_are_the_values(first: str, second: str) -> None:
    shown = runs(first, second, revealed=True)
    assert tuple("".join(run.text for run in value) for value in shown) == (first, second)


@given(values.filter(lambda text: DOT not in text), values.filter(lambda text: DOT not in text))
def test_masked_runs_disclose_nothing_the_mask_hides(first: str, second: str) -> None:
    masked = mask(first, second)
    for value, text in zip(runs(*masked, revealed=False), masked, strict=True):
        assert "".join(run.text for run in value) == text
        assert all(run.masked is (set(run.text) == {DOT}) for run in value)


@given(values)
def test_equal_values_have_no_difference(value: str) -> None:
    first, second = runs(value, value, revealed=True)
    assert differing(first) == differing(second) == 0


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        pytest.param("Müller", "Mueller", (["ü"], ["ue"]), id="umlaut"),
        pytest.param("Anna", "Anna-Maria", ([], ["-Maria"]), id="second name"),
        pytest.param("MEYER", "Meyer", ([], []), id="letter case does not count"),
        pytest.param("", "Kiel", ([], []), id="a missing value is no difference"),
    ],
)
def test_what_differs_is_marked(
    first: str, second: str, marked: tuple[list[str], list[str]]
) -> None:
    shown = runs(first, second, revealed=True)
    assert tuple([run.text for run in value if run.differs] for value in shown) == marked


def test_masked_and_revealed_mark_the_same_characters() -> None:
    masked = runs(*mask("Schmidt", "Schmitt"), revealed=False)
    revealed = runs("Schmidt", "Schmitt", revealed=True)
    for dark, bright in zip(masked, revealed, strict=True):
        assert _marked(dark) == _marked(bright)


def _marked(value: list[Run]) -> list[str]:
    return [run.text for run in value if run.differs]


@given(weights, st.floats(-10, 10), st.floats(10, 30))
def test_every_bar_begins_where_the_one_before_ended(
    given_weights: list[float], possible: float, match: float
) -> None:
    chart = waterfall(given_weights, possible_at=possible, match_at=match)
    end = chart.zero
    for weight, bar in zip(given_weights, chart.bars, strict=True):
        assert math.isclose(bar.left if weight >= 0 else bar.joint, min(end, bar.joint))
        end = bar.joint
    assert math.isclose(chart.total.joint, end, abs_tol=0.11)


@given(weights, st.floats(-10, 10), st.floats(10, 30))
def test_everything_lies_on_the_chart(
    given_weights: list[float], possible: float, match: float
) -> None:
    chart = waterfall(given_weights, possible_at=possible, match_at=match)
    assert chart.possible <= chart.match
    for bar in [*chart.bars, chart.total]:
        assert 0 <= bar.left <= bar.left + bar.width <= WIDTH
