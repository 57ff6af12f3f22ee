"""Spectrum: how many directions of the encodings carry more than chance.

Principal components of the bits whose variance exceeds what independent bits of the same frequencies
show: each is a linear signal an observer without the key can read. The number grows with the records,
so it is measured on the real ones. (The edge of noise by data made by chance: Horn 1965.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.columns import (
    Matrix,
    as_columns,
    by_chance,
    centered,
    centered_chance,
    covariance,
)
from linkage.attack.cooccurrence import counts
from linkage.encode import Words

ABOVE_NOISE: Final = 1.02
CAP: Final = 100
BLOCK: Final = 100_000
_DENSE: Final = 1536
_MANY: Final = 4096


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Variances and directions of the leading components, and the largest variance of noise.

    ``records``: rows it was measured on; ``rank``: components above noise, at most 100;
    ``variances`` (100 or fewer) falling; ``directions`` (bits, 100 or fewer).
    """

    records: int
    rank: int
    variances: NDArray[np.float64]
    directions: Matrix
    noise: float


def spectrum(words: Words, *, seed: int = 0) -> Spectrum:
    """The components of packed rows (n, words) above the noise; deterministic by ``seed``."""
    if 2 <= len(words) <= 32 * words.shape[1]:
        return _of_few(words, np.random.default_rng(seed))
    return spectrum_of(blocks_of(words), seed=seed)


def blocks_of(words: Words) -> Iterator[Words]:
    """Rows in blocks of 100,000, so that the memory of an audit does not grow with them."""
    for start in range(0, max(len(words), 1), BLOCK):
        yield words[start : start + BLOCK]


def spectrum_of(blocks: Iterable[Words], *, seed: int = 0) -> Spectrum:
    """The components of rows that come in blocks (n, words), above the noise of all of them.

    From 4096 bits on the noise is that of every second column with half as many rows, an eighth of
    the work: its edge depends on the ratio of the two (Marchenko and Pastur 1967). Fewer than two
    rows show nothing.
    """
    rng = np.random.default_rng(seed)
    together, chance = np.zeros((1, 1), np.int32), np.zeros((1, 1), np.int32)
    rows = drawn = 0
    with ThreadPoolExecutor(2) as pool:
        for block in blocks:
            columns = as_columns(block)
            real = pool.submit(counts, columns)
            part = 2 if len(columns) >= _MANY else 1
            noise = by_chance(columns[::part], len(block), rng, drawn_rows=len(block) // part)
            chance = _added(chance, counts(noise))
            together = _added(together, real.result())
            rows, drawn = rows + len(block), drawn + len(block) // part
    if drawn < 2:
        return Spectrum(rows, 0, np.zeros(0), np.zeros((len(together), 0), np.float32), 0.0)
    values, vectors = leading(covariance(together, rows), CAP, rng)
    edge = float(leading(covariance(chance, drawn), 1, rng)[0][0])
    rank = int((values > ABOVE_NOISE * edge).sum()) if edge > 0 else 0
    return Spectrum(rows, rank, values, vectors.astype(np.float32), edge)


def _of_few(words: Words, rng: np.random.Generator) -> Spectrum:
    """The same with fewer records than bits: from the records' products, which are the smaller table."""
    rows, bits = len(words), centered(words)
    values, vectors = leading((bits @ bits.T) / np.float32(rows), min(CAP, rows), rng)
    values = np.maximum(values, 0.0)
    directions = (bits.T @ vectors.astype(np.float32)) / np.sqrt(np.maximum(values * rows, 1e-12))
    del bits
    noise = centered_chance(words, rng)
    edge = float(leading((noise @ noise.T) / np.float32(rows), 1, rng)[0][0])
    rank = int((values > ABOVE_NOISE * edge).sum()) if edge > 0 else 0
    return Spectrum(rows, rank, values, directions.astype(np.float32), edge)


def _added(sums: NDArray[np.int32], more: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sum, in place where there is one already."""
    if sums.shape != more.shape:
        return more
    sums += more
    return sums


def leading(
    symmetric: Matrix, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ``count`` largest eigenvalues, falling, and their vectors (n, count).

    Dense up to 1536 rows; above by a block Krylov space (Golub and Underwood 1977).
    """
    if len(symmetric) <= _DENSE:
        values, vectors = np.linalg.eigh(symmetric.astype(np.float64))
    else:
        values, vectors = _krylov(symmetric, 40 if count == 1 else 80, rng)
    return values[::-1][:count], vectors[:, ::-1][:, :count]


def _krylov(
    symmetric: Matrix, steps: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ritz values and vectors of the space spanned by ``steps`` powers of four random vectors."""
    size = len(symmetric)
    basis = np.zeros((size, 4 * steps), dtype=np.float32)
    block = np.linalg.qr(rng.standard_normal((size, 4)).astype(np.float32))[0]
    for step in range(steps):
        basis[:, 4 * step : 4 * step + 4] = block
        done = basis[:, : 4 * step + 4]
        block = symmetric @ block
        for _ in range(2):
            block = np.linalg.qr(block - done @ (done.T @ block))[0]
    small = (basis.T @ (symmetric @ basis)).astype(np.float64)
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    return values, basis @ vectors
