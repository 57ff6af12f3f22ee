"""Weights estimated without truth come close to those that made the data."""

import numpy as np
import pytest

from linkage.fellegi_sunter import Levels, fit

SIZES = (3, 4, 2)
M = ([0.03, 0.12, 0.85], [0.02, 0.05, 0.13, 0.80], [0.02, 0.98])
U = ([0.80, 0.15, 0.05], [0.85, 0.10, 0.04, 0.01], [0.5, 0.5])


def levels(rng: np.random.Generator, of: tuple[list[float], ...], count: int) -> Levels:
    columns = [1 + rng.choice(len(p), count, p=p) for p in of]
    made = np.stack(columns, axis=1).astype(np.int8)
    made[rng.random(made.shape) < 0.05] = 0
    return made


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_planted_parameters_are_recovered(share: float) -> None:
    rng = np.random.default_rng(5)
    matches, others = round(20_000 * share), round(20_000 * (1 - share))
    candidates = np.concatenate([levels(rng, M, matches), levels(rng, U, others)])
    guess = (candidates == SIZES).sum(axis=1) >= 2
    model = fit(candidates, levels(rng, U, 50_000), SIZES, likely=guess)
    assert model.share == pytest.approx(share, abs=0.02)
    for planted, found in zip(M, model.m, strict=True):
        assert found == pytest.approx(planted, abs=0.04)
    for planted, found in zip(U, model.u, strict=True):
        assert found == pytest.approx(planted, abs=0.01)


def test_a_missing_value_says_nothing() -> None:
    rng = np.random.default_rng(6)
    candidates = np.concatenate([levels(rng, M, 500), levels(rng, U, 500)])
    model = fit(candidates, levels(rng, U, 1000), SIZES, likely=candidates[:, 0] == 3)
    assert model.score(np.zeros((1, 3), dtype=np.int8)).tolist() == [0.0]
    assert all(weights[0] == 0.0 for weights in model.weights())


def test_a_level_never_seen_has_a_finite_weight() -> None:
    always = np.full((100, 3), 2, dtype=np.int8)
    model = fit(always, always, SIZES, likely=np.ones(100, dtype=np.bool_))
    assert all(np.isfinite(weights).all() for weights in model.weights())


def test_without_candidates_no_match_is_expected() -> None:
    nothing = np.zeros((0, 3), dtype=np.int8)
    model = fit(nothing, nothing, SIZES, likely=np.zeros(0, dtype=np.bool_))
    assert model.share == pytest.approx(0.0, abs=1e-5)
    assert all(np.isfinite(weights).all() for weights in model.weights())


def test_better_agreement_weighs_more() -> None:
    rng = np.random.default_rng(7)
    candidates = np.concatenate([levels(rng, M, 3000), levels(rng, U, 3000)])
    guess = (candidates == SIZES).sum(axis=1) >= 2
    model = fit(candidates, levels(rng, U, 9000), SIZES, likely=guess)
    assert all((np.diff(weights[1:]) > 0).all() for weights in model.weights())
