"""Columns: the bits of all views of a person, seen column by column; memory is linear in the records.

Counting how often two bits are set together needs no floating point: both columns lie packed, and
the counts are exact, so that an audit gives the same figures on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.encode import EncodingSet, Words

Matrix = NDArray[np.float32]


def stacked(encodings: EncodingSet) -> Words:
    """All filters of each record side by side (n, words): what an observer sees of one person."""
    return np.hstack(list(encodings.filters.values()))


def filled(encodings: EncodingSet, *, seed: int = 0) -> Words:
    """The same with bits drawn by chance, of the same frequencies, where a filter is missing.

    Else missing filters, which thinning makes, would look like signal; what lacks is judged apart.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for name, words in encodings.filters.items():
        present = encodings.present[name]
        if not present.all() and words.any():
            shown = words[present] if present.any() else words
            words = words.copy()  # noqa: PLW2901  # the encodings stay as they are
            words[~present] = _by_frequency(shown, int((~present).sum()), rng)
        parts.append(words)
    return np.hstack(parts)


def _by_frequency(words: Words, rows: int, rng: np.random.Generator) -> Words:
    raw = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    ones = np.zeros(64 * words.shape[1], dtype=np.int64)
    for start in range(0, len(raw), 16_384):
        ones += np.unpackbits(raw[start : start + 16_384], axis=1, bitorder="little").sum(
            axis=0, dtype=np.int64
        )
    drawn = rng.random((rows, len(ones)), dtype=np.float32) < ones / len(words)
    return np.packbits(drawn, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def as_columns(words: Words) -> Words:
    """Packed rows (n, words) as packed columns (64 x words, n / 64 rounded up), zeros at the end.

    The number of columns is a multiple of 64.
    """
    rows, width = words.shape
    columns = np.zeros((64 * width, -(-rows // 64)), dtype=np.uint64)
    for place in range(width):
        columns[64 * place : 64 * place + 64] = _packed(_bits(words[:, place]).T)
    return columns


def by_chance(
    columns: Words, rows: int, rng: np.random.Generator, *, drawn_rows: int | None = None
) -> Words:
    """Columns of the same frequencies that have nothing to do with each other.

    Drawn anew to 1/65536 instead of shuffled, which is the same in law and five times as fast;
    ``drawn_rows`` of them, as many as there are unless fewer are asked for.
    """
    wanted = rows if drawn_rows is None else drawn_rows
    drawn = np.empty((len(columns), -(-wanted // 64)), dtype=np.uint64)
    ones = np.bitwise_count(columns).sum(axis=1, dtype=np.int64)
    bounds = np.round(ones * (65_536 / max(rows, 1)))[:, None]
    for start in range(0, len(columns), 64):
        part = slice(start, start + 64)
        numbers = rng.integers(0, 65_536, (len(columns[part]), wanted), dtype=np.uint16)
        drawn[part] = _packed((numbers < bounds[part]).view(np.uint8))
    return drawn


def covariance(counts: NDArray[np.int32], rows: int) -> Matrix:
    """Covariance of the bits (bits, bits), float32, from how often two are set together."""
    set_bits = np.diagonal(counts) / rows
    found = counts.astype(np.float32)
    found /= np.float32(rows)
    found -= np.outer(set_bits.astype(np.float32), set_bits.astype(np.float32))
    return found


def centered(words: Words) -> Matrix:
    """Bits as numbers (n, bits), float32, each column with mean 0."""
    bits = np.unpackbits(
        np.ascontiguousarray(words, dtype="<u8").view(np.uint8), axis=1, bitorder="little"
    ).astype(np.float32)
    bits -= bits.mean(axis=0)
    return bits


def centered_chance(words: Words, rng: np.random.Generator) -> Matrix:
    """Independent bits (n, bits) of the same frequencies, as `centered` gives the real ones."""
    raw = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    share = np.unpackbits(raw, axis=1, bitorder="little").mean(axis=0)
    bits = (rng.random((len(words), len(share)), dtype=np.float32) < share).astype(np.float32)
    bits -= bits.mean(axis=0)
    return np.asarray(bits)


def _bits(word: NDArray[np.uint64]) -> NDArray[np.uint8]:
    raw = np.ascontiguousarray(word, dtype="<u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(raw, axis=1, bitorder="little")


def _packed(bits: NDArray[np.uint8]) -> Words:
    """Bits (columns, n) packed into 64-bit words, the last one filled up with zeros."""
    raw = np.packbits(bits, axis=1, bitorder="little")
    room = np.zeros((len(raw), -(-raw.shape[1] // 8) * 8), dtype=np.uint8)
    room[:, : raw.shape[1]] = raw
    return room.view("<u8").astype(np.uint64)
