"""Tokens: every row that bears a token is found under it, in order, however the runs were merged."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.index import TokenIndex, tokens


@given(
    batches=st.lists(st.lists(st.integers(0, 30), max_size=60), max_size=20),
    asked=st.lists(st.integers(0, 40), max_size=8),
)
def test_every_bearer_is_found(batches: list[list[int]], asked: list[int]) -> None:
    borne: dict[int, list[int]] = defaultdict(list)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_WAITING", 16)
        patch.setattr(tokens, "_LARGEST", 128)
        index = TokenIndex()
        row = 0
        for batch in batches:
            rows = np.arange(row, row + len(batch), dtype=np.int32)
            index.add(np.array(batch, np.uint64), rows)
            for token, place in zip(batch, rows.tolist(), strict=True):
                borne[token].append(place)
            row += len(batch)
        places, found = index.rows_of(np.array(asked, np.uint64))
    expected = [(place, row) for place, token in enumerate(asked) for row in borne[token]]
    assert list(zip(places.tolist(), found.tolist(), strict=True)) == expected
    assert len(index) == row


def test_a_bearing_takes_twelve_bytes() -> None:
    index = TokenIndex()
    rng = np.random.default_rng(1)
    for start in range(0, 200_000, 1_000):
        drawn = rng.integers(0, 1 << 64, 1_000, dtype=np.uint64)
        index.add(drawn, np.arange(start, start + 1_000, dtype=np.int32))
    assert index.nbytes / len(index) < 13
