"""Equal tokens join, missing ones never do, and crowds are no evidence."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.candidates import floor_for, join_equal, pair_dice
from tests.linkage.kernel.brute_force import brute_force, random_filters

tokens = st.lists(st.sampled_from([0, 0, 1, 2, 3, 2**64 - 1]), max_size=12).map(
    lambda values: np.array(values, dtype=np.uint64)
)


@given(left=tokens, right=tokens)
def test_tokens_join_exactly_where_they_are_equal_and_present(
    left: np.typing.NDArray[np.uint64], right: np.typing.NDArray[np.uint64]
) -> None:
    keys = join_equal(left, right).tolist()
    expected = [
        (i << 32) | j for i, a in enumerate(left) for j, b in enumerate(right) if a == b and a != 0
    ]
    assert sorted(keys) == expected


def test_a_token_shared_by_a_crowd_joins_nobody() -> None:
    crowd = np.full(11, 7, dtype=np.uint64)
    assert len(join_equal(crowd, crowd)) == 0
    assert len(join_equal(crowd[:10], crowd[:10])) == 100


def test_dice_of_chosen_pairs_is_the_dice_of_the_kernel() -> None:
    a, b = random_filters(1, 20), random_filters(2, 30)
    rows = np.repeat(np.arange(20, dtype=np.int32), 30), np.tile(np.arange(30, dtype=np.int32), 20)
    scores = pair_dice(a, b, *rows)
    assert scores.tolist() == [score for _, _, score in brute_force(a, b, 1e-9)]


def test_the_floor_lets_only_a_few_unrelated_records_through() -> None:
    unrelated = np.random.default_rng(1).normal(0.36, 0.05, 100_000)
    floor = floor_for(unrelated, 10_000)
    assert 4 <= (unrelated >= floor).mean() * 10_000 <= 16
    assert floor_for(np.empty(0), 5) == 0.5
