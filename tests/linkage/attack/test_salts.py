"""Salts of few values: the persons under one of them fall like plain filters; high-entropy salts leave no group."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from linkage.attack.frequency import Deterministic
from linkage.attack.gates import Equalities, Verdict, equality_gate
from linkage.attack.intervals import Share
from linkage.attack.policy import PROTECTED, adjusted
from linkage.attack.salts import attack_salts
from linkage.attack.trial import Trial
from linkage.attack.twin import make_twin, narrowed
from linkage.attack.variations import thinned
from tests.linkage.attack.encodings import composite, salted_by_year

SMALL = adjusted(PROTECTED, {"attack_n": 400, "overlaps": [1.0]})
YEARS = {"token year": 300}


def test_persons_of_one_year_fall_though_the_salt_hides_them_among_all() -> None:
    found = attack_salts(salted_by_year(10), 5000, SMALL, largest=YEARS, seed=1)["year"]
    assert found.n >= 200
    assert found.recall.value >= 0.9
    assert found.known.value >= 0.9


def test_small_groups_and_thinned_views_are_left_alone() -> None:
    schema = salted_by_year(10)
    assert attack_salts(schema, 6000, SMALL, largest={"token year": 199}, seed=1) == {}
    assert attack_salts(thinned(schema, thin=True), 5000, SMALL, largest=YEARS, seed=1) == {}
    assert attack_salts(composite(10), 6000, SMALL, largest={}, seed=1) == {}


@pytest.mark.parametrize(("right", "verdict"), [(90, Verdict.FAILED), (0, Verdict.PASSED)])
@pytest.mark.parametrize("known", [False, True])
def test_a_fallen_group_fails_the_gate_of_equality(
    right: int, verdict: Verdict, known: bool
) -> None:
    found, nothing = Share(right, 100), Share(0, 100)
    shares = (nothing, found) if known else (found, nothing)
    group = Trial(300, 1.0, 1, 0, shares[0], shares[1], 50, nothing, nothing)
    seen = Equalities(300, {}, {}, nothing)
    held = Deterministic(300, 1.0, 1, {}, {}, nothing, nothing, nothing, 1)
    gate = equality_gate((held,), seen, PROTECTED, n=300, salts={"year": group})
    assert gate.verdict is verdict
    assert "largest group of a salt" in gate.measured


@given(st.integers(0, 99).flatmap(lambda seed: st.tuples(st.just(seed), st.integers(1, 60))))
def test_a_narrowed_twin_keeps_who_is_whose(case: tuple[int, int]) -> None:
    seed, size = case
    twin = make_twin(composite(10), 60, 0.5, seed=1)
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.permutation(60)[:size]) for _ in range(2)]
    less = narrowed(twin, rows[0], rows[1])
    for row, owner in zip(rows[1].tolist(), less.owner.tolist(), strict=True):
        before = int(twin.owner[row])
        assert (owner >= 0) == (before in rows[0].tolist())
        if owner >= 0:
            assert less.known.record_ids[owner] == twin.known.record_ids[before]
    assert len(less.target) == len(less.known) == size
