"""Compiled encoding: one thread, no Python objects; many threads may enter at the same time.

Gives bit for bit what `linkage.encode.fallback` gives.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from linkage.compiling import compiled

_C0 = np.uint64(0x736F6D6570736575)
_C1 = np.uint64(0x646F72616E646F6D)
_C2 = np.uint64(0x6C7967656E657261)
_C3 = np.uint64(0x7465646279746573)
_ALL = np.uint64(0xFF)
_6 = np.uint64(6)
_63 = np.uint64(63)
_ONE = np.uint64(1)
_ZERO = np.uint64(0)


_inline: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(inline="always")


@_inline
def _rotated(x: Any, bits: Any) -> Any:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


@_inline
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
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
    return v0, v1, v2, v3


@_inline
def _absorb(v0: Any, v1: Any, v2: Any, v3: Any, word: Any) -> Any:
    v3 = v3 ^ word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@_inline
def _finish(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
    v2 = v2 ^ _ALL
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@compiled
def siphash(k0: Any, k1: Any, words: Any, out: Any) -> None:
    """SipHash-2-4 of every row of `words` (n, words) under one key, into `out` (n,)."""
    length = np.uint64(words.shape[1] * 8 % 256) << np.uint64(56)
    for row in range(words.shape[0]):
        v0, v1, v2, v3 = k0 ^ _C0, k1 ^ _C1, k0 ^ _C2, k1 ^ _C3
        for place in range(words.shape[1]):
            v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, words[row, place])
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, length)
        out[row] = _finish(v0, v1, v2, v3)


@compiled
def _streams(k0: Any, k1: Any, tokens: Any, counters: Any, count: Any, out: Any) -> None:
    """SipHash-2-4 of `count` pairs of words under one key; a loop the compiler turns into vectors."""
    length = np.uint64(16) << np.uint64(56)
    for place in range(count):
        v0, v1, v2, v3 = k0 ^ _C0, k1 ^ _C1, k0 ^ _C2, k1 ^ _C3
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, tokens[place])
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, counters[place])
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, length)
        out[place] = _finish(v0, v1, v2, v3)


@compiled
def or_rows(out: Any, table: Any, rows: Any) -> None:
    """`out[i] |= table[rows[i]]`."""
    for row in range(out.shape[0]):
        source = rows[row]
        for word in range(out.shape[1]):
            out[row, word] |= table[source, word]


@compiled
def or_runs(out: Any, masks: Any, rows: Any, starts: Any) -> None:
    """`out[i]` becomes the OR of the masks `rows[starts[i]:starts[i + 1]]`."""
    for row in range(out.shape[0]):
        for word in range(out.shape[1]):
            out[row, word] = _ZERO
        for place in range(starts[row], starts[row + 1]):
            source = rows[place]
            for word in range(out.shape[1]):
                out[row, word] |= masks[source, word]


@compiled
def _room(fields: Any, rows: Any, record: Any, starts: Any) -> Any:
    """How many blocks of SipHash the tokens of one record take, over all fields."""
    needed = 0
    for field in range(fields.shape[0]):
        start, stop = starts[rows[field, record]], starts[rows[field, record] + 1]
        each, shared, per_word = fields[field, 1], fields[field, 2], fields[field, 3]
        for place in range(stop - start):
            bits = each
            if shared > 0:
                bits = shared // (stop - start) + (place < shared % (stop - start))
            needed += (bits + per_word - 1) // per_word
    return needed


@compiled
def _gather(fields: Any, rows: Any, record: Any, starts: Any, hashes: Any, work: Any) -> Any:
    """Lay out the tokens of one record: hash, counter, bits to take, block; in order of blocks."""
    tokens, counters, takes, blocks = work
    count = 0
    for field in range(fields.shape[0]):
        start, stop = starts[rows[field, record]], starts[rows[field, record] + 1]
        block, each, shared, per_word = fields[field]
        for place in range(stop - start):
            bits = each
            if shared > 0:
                bits = shared // (stop - start) + (place < shared % (stop - start))
            counter = 0
            while bits > 0:
                tokens[count] = hashes[start + place]
                counters[count] = np.uint64(counter)
                takes[count] = min(bits, per_word)
                blocks[count] = block
                bits -= per_word
                counter += 1
                count += 1
    return count


@compiled
def _scatter(out: Any, stream: Any, takes: Any, span: Any, width: Any, shift: Any) -> None:
    """Set the bits that `stream[span]` names in one block, `shift` bits of the stream each."""
    mask = (_ONE << shift) - _ONE
    first, second = _ZERO, _ZERO
    for place in range(span[0], span[1]):
        word = stream[place]
        for _ in range(takes[place]):
            position = word & mask
            word >>= shift
            bit = _ONE << (position & _63)
            if width > 2:  # two words fit into registers
                out[position >> _6] |= bit
            else:
                high = _ZERO - (position >> _6)
                first |= bit & ~high
                second |= bit & high
    if width <= 2:
        out[0] |= first
        if width > 1:
            out[1] |= second


@compiled
def fill_salted(out: Any, keys: Any, fields: Any, rows: Any, cached: Any, shape: Any) -> None:
    """Hash the tokens of each record into its salted views.

    `out` (records, words): all filters side by side. `keys` (views, records, 2): a key per view and
    record, both words 0 where the view is missing. `fields` (fields, 4): block, bits per token,
    bits per field, positions a word of the stream gives; in order of blocks. `rows`
    (fields, records): each field's value, a row of the cache. `cached`: (starts, hashes) of the
    tokens of each row. `shape`: (words, bits of a position) per block, and where each view holds
    each block in `out` (views, blocks), -1 where it does not.
    """
    starts, hashes = cached
    widths, shifts, places = shape
    size = 256
    work = (
        np.empty(size, np.uint64),
        np.empty(size, np.uint64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    stream = np.empty(size, np.uint64)
    for record in range(out.shape[0]):
        needed = _room(fields, rows, record, starts)
        if needed > size:
            size = needed
            work = (
                np.empty(size, np.uint64),
                np.empty(size, np.uint64),
                np.empty(size, np.int64),
                np.empty(size, np.int64),
            )
            stream = np.empty(size, np.uint64)
        count = _gather(fields, rows, record, starts, hashes, work)
        for view in range(keys.shape[0]):
            k0, k1 = keys[view, record]
            if k0 == _ZERO and k1 == _ZERO:
                continue
            _streams(k0, k1, work[0], work[1], count, stream)
            first = 0
            while first < count:
                block = work[3][first]
                last = first + 1
                while last < count and work[3][last] == block:
                    last += 1
                at = places[view, block]
                if at >= 0:
                    target = out[record, at : at + widths[block]]
                    _scatter(target, stream, work[2], (first, last), widths[block], shifts[block])
                first = last
