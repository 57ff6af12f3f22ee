"""Rank audit: counts are exact, noise has rank 0, signal is seen, and blocks change nothing."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays

from linkage.attack.columns import as_columns, by_chance, centered, covariance, stacked
from linkage.attack.cooccurrence import counts
from linkage.attack.spectrum import leading, spectrum, spectrum_of
from linkage.attack.twin import encoded, make_twin
from linkage.encode import Words
from tests.linkage.attack.encodings import composite

tables = st.integers(1, 3).flatmap(
    lambda words: st.integers(2, 150).flatmap(lambda rows: arrays(np.uint64, (rows, words)))
)


def _noise(rows: int, words: int = 4) -> Words:
    return np.random.default_rng(1).integers(0, 2**63, (rows, words), dtype=np.uint64)


@given(tables)
def test_counts_are_those_of_every_bit(words: Words) -> None:
    bits = (centered(words) > 0).astype(np.int64)
    bits[:, (np.bitwise_count(as_columns(words)).sum(axis=1) == len(words))] = 1
    assert np.array_equal(counts(as_columns(words)), bits.T @ bits)


@given(tables)
def test_covariance_is_that_of_the_numbers(words: Words) -> None:
    bits = centered(words).astype(np.float64)
    expected = bits.T @ bits / len(words)
    assert np.allclose(covariance(counts(as_columns(words)), len(words)), expected, atol=1e-5)


def test_chance_keeps_frequencies_and_breaks_what_goes_together() -> None:
    same = np.repeat(_noise(20_000, 1)[:, :1], 2, axis=1)
    columns = as_columns(same)
    drawn = by_chance(columns, len(same), np.random.default_rng(2))
    before, after = (np.bitwise_count(item).sum(axis=1) / len(same) for item in (columns, drawn))
    assert np.abs(before.astype(float) - after).max() < 0.02
    assert abs(counts(drawn)[0, 64] / len(same) - 0.25) < 0.02
    assert counts(columns)[0, 64] == counts(columns)[0, 0]


def test_noise_has_no_rank() -> None:
    assert spectrum(_noise(3000)).rank == 0


def test_a_copied_bit_is_a_component() -> None:
    words = _noise(3000)
    words[:, 1] = words[:, 0]
    assert 50 <= spectrum(words).rank <= 64


def test_blocks_give_what_the_whole_gives() -> None:
    words = _noise(2000)
    words[:, 1] = words[:, 0]
    parts = spectrum_of([words[:700], words[700:]])
    assert parts.records == 2000
    assert abs(parts.rank - spectrum(words).rank) <= 2
    assert np.allclose(parts.variances, spectrum(words).variances, rtol=1e-5)


def test_one_record_shows_nothing() -> None:
    assert spectrum(_noise(1)).rank == 0
    assert spectrum_of([]).records == 0


def test_large_matrices_have_the_eigenvalues_of_small_ones() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([np.linspace(9, 2, 50), rng.random(1550)])
    turn = np.linalg.qr(rng.standard_normal((1600, 1600)))[0]
    matrix = ((turn * values) @ turn.T).astype(np.float32)
    found, vectors = leading(matrix, 50, rng)
    assert np.allclose(found, np.sort(values)[::-1][:50], rtol=1e-3)
    assert np.allclose(matrix @ vectors, vectors * found, atol=0.05)


def test_rank_grows_with_the_records() -> None:
    schema = composite(10, 8)
    ranks = []
    for n in (1000, 4000, 12_000):
        twin = make_twin(schema, n, 0.0, seed=1)
        ranks.append(spectrum(stacked(encoded(twin.target, schema, seed=1, side="target"))).rank)
    assert ranks[0] < ranks[1] < ranks[2]
    assert ranks[2] > 3
