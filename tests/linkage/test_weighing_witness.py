"""An independent witness: recordlinkage's EM estimates what the EM of registration estimates from the same patterns."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pandas as pd
import pytest
from recordlinkage import ECMClassifier

from linkage.weighing import Agreement, load_model
from linkage.weighing.agreement import FIELDS
from linkage.weighing.learn import Observations, learn

PAIRS, MATCHES = 50_000, 2_500
RECORDS = 316
"""So many records have 50,000 pairs: here every pair is a candidate."""
M = {"given_name": 0.9, "surname": 0.85, "birth_date": 0.95, "place": 0.7}
U = {"given_name": 0.02, "surname": 0.05, "birth_date": 0.01, "place": 0.1}


def test_the_em_of_recordlinkage_finds_the_same_match_probabilities() -> None:
    """Planted, and independent within one person and within strangers; relatives and twins there are none."""
    rng = np.random.default_rng(7)
    of_one = np.arange(PAIRS) < MATCHES
    agree = {name: rng.random(PAIRS) < np.where(of_one, M[name], U[name]) for name in M}
    theirs = ECMClassifier(init="jaro", binarize=None, atol=1e-5)
    index = pd.MultiIndex.from_arrays([range(PAIRS), range(PAIRS)])
    theirs.fit(pd.DataFrame(agree, index=index).astype(int))

    apart = {name: rng.random(PAIRS) < U[name] for name in M}
    prior = replace(load_model(), kin={"relatives": 1e-5, "twins": 1e-5})
    ours = learn(observations(agree), observations(apart), records=RECORDS, prior=prior, name="x")
    for name in M:
        found = ours.model.classes["same"][name][Agreement.EQUAL]
        assert found == pytest.approx(theirs.m_probs[name][1], abs=0.03), name
        unlike = ours.model.classes["strangers"][name][Agreement.EQUAL]
        assert unlike == pytest.approx(theirs.u_probs[name][1], abs=0.01), name
    assert ours.same / PAIRS == pytest.approx(theirs.p, abs=0.01)


def observations(agree: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]) -> Observations:
    """Fields that are equal or different; a value in common is as frequent as strangers agree."""
    levels = np.zeros((PAIRS, len(FIELDS)), dtype=np.int8)
    bits = np.zeros(PAIRS)
    for column, name in enumerate(FIELDS):
        if name in agree:
            levels[:, column] = np.where(agree[name], Agreement.EQUAL, Agreement.DIFFERENT)
            bits += agree[name] * -log2(U[name])
    return Observations(levels, bits, np.zeros(PAIRS))
