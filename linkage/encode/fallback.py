"""Encoding without a compiler: the same results as `linkage.encode.compiled`, an order slower."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Integers = NDArray[np.integer[Any]]

_INITIAL = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_RECORDS_AT_ONCE = 512


def siphash(k0: Words, k1: Words, words: Words, out: Words) -> None:
    """SipHash-2-4 of every row of `words` (n, words), into `out` (n,); keys of one or of all rows."""
    shape = words.shape[:1]
    keys = [np.broadcast_to(np.asarray(key, dtype=np.uint64), shape) for key in (k0, k1, k0, k1)]
    state = [key ^ np.uint64(start) for key, start in zip(keys, _INITIAL, strict=True)]
    length = np.full(shape, words.shape[1] * 8 % 256 << 56, dtype=np.uint64)
    for word in [*words.T, length]:
        state[3] = state[3] ^ word
        state = _rounds(state, 2)
        state[0] = state[0] ^ word
    state[2] = state[2] ^ np.uint64(0xFF)
    v0, v1, v2, v3 = _rounds(state, 4)
    out[:] = v0 ^ v1 ^ v2 ^ v3


def _rounds(state: list[Words], count: int) -> list[Words]:
    v0, v1, v2, v3 = state
    for _ in range(count):
        v0 = v0 + v1
        v1 = _rotated(v1, 13) ^ v0
        v0 = _rotated(v0, 32)
        v2 = v2 + v3
        v3 = _rotated(v3, 16) ^ v2
        v0 = v0 + v3
        v3 = _rotated(v3, 21) ^ v0
        v2 = v2 + v1
        v1 = _rotated(v1, 17) ^ v2
        v2 = _rotated(v2, 32)
    return [v0, v1, v2, v3]


def _rotated(x: Words, bits: int) -> Words:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


def or_rows(out: Words, table: Words, rows: Integers) -> None:
    """`out[i] |= table[rows[i]]`."""
    out |= table[rows]


def or_runs(out: Words, masks: Words, rows: Integers, starts: Integers) -> None:
    """`out[i]` becomes the OR of the masks `rows[starts[i]:starts[i + 1]]`."""
    out[:] = 0
    owners = np.repeat(np.arange(len(out)), np.diff(starts))
    np.bitwise_or.at(out, owners, masks[rows])


def fill_salted(
    out: Words,
    keys: Words,
    fields: Integers,
    rows: Integers,
    cached: tuple[Integers, Words],
    shape: tuple[Integers, Words, Integers],
) -> None:
    """Hash the tokens of each record into its salted views; see `linkage.encode.compiled`."""
    for start in range(0, len(out), _RECORDS_AT_ONCE):
        part = slice(start, start + _RECORDS_AT_ONCE)
        for number, field in enumerate(fields):
            laid_out = _lay_out(field, rows[number, part], cached)
            for view in range(len(keys)):
                if (at := int(shape[2][view, field[0]])) >= 0:
                    _fill(out[part], keys[view, part], laid_out, at, int(shape[1][field[0]]))


def _lay_out(
    field: Integers, rows: Integers, cached: tuple[Integers, Words]
) -> tuple[Integers, Words, Integers]:
    """Owner, (token, counter) and bits to take of every block of SipHash one field needs."""
    starts, hashes = cached
    _, each, shared, per_word = field.tolist()
    counts = starts[rows + 1] - starts[rows]
    owners = np.repeat(np.arange(len(rows)), counts)
    place = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    bits = np.full(len(owners), each)
    if shared:
        of_record = counts[owners]
        bits = shared // of_record + (place < shared % of_record)
    tokens = hashes[starts[rows][owners] + place]
    blocks = -(-bits // per_word)
    counters = np.arange(blocks.sum()) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    takes = np.minimum(np.repeat(bits, blocks) - counters * per_word, per_word)
    pairs = np.stack([np.repeat(tokens, blocks), counters.astype(np.uint64)], axis=1)
    return np.repeat(owners, blocks), pairs, takes


def _fill(
    out: Words, keys: Words, laid_out: tuple[Integers, Words, Integers], at: int, shift: int
) -> None:
    owners, pairs, takes = laid_out
    stream = np.empty(len(pairs), dtype=np.uint64)
    siphash(keys[owners, 0], keys[owners, 1], pairs, stream)
    there = keys[owners].any(axis=1)
    for turn in range(int(takes.max(initial=0))):
        chosen = np.flatnonzero(there & (takes > turn))
        position = (stream[chosen] >> np.uint64(turn * shift)) & np.uint64((1 << shift) - 1)
        word = at + (position >> np.uint64(6)).astype(np.intp)
        np.bitwise_or.at(out, (owners[chosen], word), np.uint64(1) << (position & np.uint64(63)))
