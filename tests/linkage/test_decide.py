"""Scorers that train themselves: monotone, additive in what they show, good without the truth."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkage.decide.logistic import fit_logistic
from linkage.decide.selftrain import Fit, Scorer
from linkage.decide.trees import boost
from linkage.fellegi_sunter import Levels

SIZES = (3, 5, 2)
FITS: dict[str, Fit] = {"boosting": boost, "logistic": fit_logistic}
Shares = NDArray[np.float64]


def planted(seed: int, pairs: int = 3000) -> tuple[Levels, Shares]:
    """Matches agree better in every column; a tenth of the values is missing."""
    rng = np.random.default_rng(seed)
    matching = rng.random(pairs) < 0.4
    columns = []
    for size in SIZES:
        likely = np.arange(1, size + 1.0)
        good, bad = (p / p.sum() for p in (likely**3, likely[::-1] ** 2))
        level = np.where(matching, rng.choice(size, pairs, p=good), rng.choice(size, pairs, p=bad))
        columns.append(np.where(rng.random(pairs) < 0.1, 0, level + 1))
    return np.stack(columns, axis=1).astype(np.int8), matching.astype(np.float64)


@cache
def fitted(kind: str, seed: int) -> tuple[Scorer, Levels, Shares]:
    levels, matching = planted(seed)
    return FITS[kind](levels, matching, np.ones(len(levels)), SIZES), levels, matching


@pytest.mark.parametrize("kind", ["boosting", "logistic"])
def test_summands_add_up_to_the_score(kind: str) -> None:
    scorer, levels, _ = fitted(kind, 1)
    total = scorer.base + scorer.parts(levels).sum(axis=1)
    assert total == pytest.approx(scorer.score(levels), abs=1e-9)


@pytest.mark.parametrize("kind", ["boosting", "logistic"])
def test_scores_tell_matches_from_others(kind: str) -> None:
    scorer, levels, matching = fitted(kind, 2)
    unseen, truth = planted(3)
    assert ((scorer.score(unseen) > 0) == (truth > 0)).mean() > 0.9
    assert abs((1 / (1 + 2.0 ** -scorer.score(levels))).mean() - matching.mean()) < 0.02


@given(seed=st.integers(0, 5), pair=st.integers(0, 2999), column=st.integers(0, 2))
def test_better_agreement_never_lowers_a_boosted_score(seed: int, pair: int, column: int) -> None:
    scorer, levels, _ = fitted("boosting", seed)
    rows = np.repeat(levels[[pair]], SIZES[column], axis=0)
    rows[:, column] = np.arange(1, SIZES[column] + 1)
    assert (np.diff(scorer.score(rows)) >= -1e-12).all()


@pytest.mark.parametrize("kind", ["boosting", "logistic"])
def test_the_order_of_pairs_and_their_repetition_do_not_matter(kind: str) -> None:
    levels, matching = planted(4, 500)
    one = FITS[kind](levels, matching, np.full(500, 2.0), SIZES)
    twice = np.concatenate([levels[::-1], levels]), np.concatenate([matching[::-1], matching])
    two = FITS[kind](*twice, np.ones(1000), SIZES)
    assert one.score(levels) == pytest.approx(two.score(levels), abs=1e-6)


@pytest.mark.parametrize("kind", ["boosting", "logistic"])
def test_what_never_differs_gives_finite_scores(kind: str) -> None:
    levels = np.full((50, 3), 2, dtype=np.int8)
    scorer = FITS[kind](levels, np.ones(50), np.ones(50), SIZES)
    assert np.isfinite(scorer.score(np.zeros((1, 3), dtype=np.int8))).all()
