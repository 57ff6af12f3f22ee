"""Independent witnesses: bitarray counts the same bits, recordlinkage's EM finds the same parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bitarray import bitarray
from bitarray.util import count_and
from hypothesis import given
from hypothesis import strategies as st
from recordlinkage import ECMClassifier

from linkage.fellegi_sunter import fit
from linkage.kernel import pairs_above

FILTERS = st.lists(st.binary(min_size=128, max_size=128), min_size=1, max_size=12)


def dice(first: bytes, second: bytes) -> float:
    """Dice of two filters as bitarray counts it; two empty filters carry no evidence."""
    a, b = bitarray(), bitarray()
    a.frombytes(first)
    b.frombytes(second)
    total = a.count() + b.count()
    return 2 * count_and(a, b) / total if total else 0.0


def words(filters: list[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """The filters as rows of 64-bit words."""
    return np.frombuffer(b"".join(filters), dtype=np.uint64).reshape(len(filters), 16)


@given(left=FILTERS, right=FILTERS, threshold=st.floats(0.3, 1.0))
def test_bitarray_finds_the_same_pairs(
    left: list[bytes], right: list[bytes], threshold: float
) -> None:
    right = right + left[:2]  # so that some pairs are equal
    found = pairs_above(words(left), words(right), threshold)
    expected = {
        (i, j): dice(a, b)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if dice(a, b) >= threshold
    }
    pairs = zip(found.rows_a.tolist(), found.rows_b.tolist(), strict=True)
    assert dict(zip(pairs, found.score.tolist(), strict=True)) == pytest.approx(expected)


def test_the_em_of_recordlinkage_finds_the_same_match_probabilities() -> None:
    """Planted: 2,000 matches among 20,000 pairs, four fields; agreement only, as that library knows it."""
    generator = np.random.default_rng(5)
    matches = np.arange(20_000) < 2_000
    m, u = np.array([0.95, 0.9, 0.85, 0.97]), np.array([0.02, 0.05, 0.1, 0.01])
    agree = generator.random((20_000, 4)) < np.where(matches[:, None], m, u)
    theirs = ECMClassifier(init="jaro", binarize=None, atol=1e-7)
    index = pd.MultiIndex.from_arrays([range(20_000), range(20_000)])
    theirs.fit(pd.DataFrame(agree.astype(int), index=index, columns=list("abcd")))
    unrelated = (generator.random((20_000, 4)) < u).astype(np.int8) + 1
    ours = fit((agree.astype(np.int8) + 1), unrelated, (2, 2, 2, 2), likely=agree.sum(axis=1) >= 3)
    found = [theirs.m_probs[name][1] for name in "abcd"]
    assert [field[1] for field in ours.m] == pytest.approx(found, abs=0.01)
    assert ours.share == pytest.approx(theirs.p, abs=0.005)
    assert ours.share == pytest.approx(0.1, abs=0.01)
