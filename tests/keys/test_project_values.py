"""Values of a project follow from its secret and the original, and draws from them favor no number."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.project_values import project_values, uniform_below

SECRET = bytes(range(32))


@given(originals=st.lists(st.text(), unique=True))
def test_values_are_stable_and_differ_by_original_use_and_secret(originals: list[str]) -> None:
    values = project_values(SECRET, use="salt", originals=originals)
    assert values == project_values(SECRET, use="salt", originals=originals)
    others = [
        *project_values(SECRET, use="date-shift", originals=originals),
        *project_values(SECRET[::-1], use="salt", originals=originals),
    ]
    assert len({*values, *others}) == 3 * len(originals)
    assert all(len(value) == 32 for value in values)


@given(bound=st.integers(1, 1 << 63), seed=st.binary(min_size=32, max_size=32))
def test_draws_lie_below_their_bound(bound: int, seed: bytes) -> None:
    assert 0 <= uniform_below(seed, bound) < bound


def test_draws_are_even() -> None:
    seeds = project_values(SECRET, use="date-shift", originals=map(str, range(7_000)))
    counts = Counter(uniform_below(seed, 7) for seed in seeds)
    chi_squared = sum((count - 1_000) ** 2 / 1_000 for count in counts.values())
    assert chi_squared < 22.5  # 6 degrees of freedom, one in a thousand


@pytest.mark.parametrize("bound", [0, -1, (1 << 63) + 1])
def test_a_bound_out_of_range_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        uniform_below(SECRET, bound)
