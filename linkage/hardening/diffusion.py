"""Linear diffusion: every output bit is the XOR of t secret input bits.

Source: Armknecht, Heng and Schnell, Strengthening privacy-preserving record linkage using diffusion
(PoPETs 2023). No output bit belongs to a single token. Its strength depends on the fill of the filters
it is applied to, not on t alone.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.hardening.bits import Hardener, Words


def diffusion(indices: NDArray[np.intp], *, compiled: bool = True) -> Hardener:
    """Diffusion by a table of input positions (bits, t): output bit i = XOR of the bits in row i.

    Works byte by byte: XOR being linear, the output of a filter is the XOR of one prepared row per
    input byte, so filters of 1024 bits cost 128 table rows each; in compiled code where there is a
    compiler and `compiled` is not denied, with the same result.
    """
    bits = len(indices)
    matrix = np.zeros((bits, bits), dtype=np.uint8)
    np.bitwise_xor.at(matrix, (indices, np.arange(bits)[:, None]), 1)
    rows = np.packbits(matrix, axis=1, bitorder="little").view("<u8").astype(np.uint64)
    tables = _byte_tables(rows)
    loop = _loop() if compiled else _xor_tables

    def apply(words: Words) -> Words:
        result = np.empty_like(words)
        loop(np.ascontiguousarray(words), tables, result)
        return result

    return apply


def _loop() -> Callable[[Words, Words, Words], None]:
    try:
        from linkage.hardening.compiled import xor_tables  # noqa: PLC0415  # a second of import
    except ImportError:
        return _xor_tables
    return xor_tables


def _xor_tables(words: Words, tables: Words, out: Words) -> None:
    """The same as `linkage.hardening.compiled.xor_tables`, some times slower."""
    inputs = words.astype("<u8", copy=False).view(np.uint8)
    out[:] = 0
    for place, table in enumerate(tables):
        out ^= table[inputs[:, place]]


def diffusion_indices(*, bits: int, t: int, key: bytes) -> NDArray[np.intp]:
    """Secret input positions (bits, t): t keyed permutations laid end to end and cut into rows.

    So every input bit is used once before any is used again, t times in all; the positions in a row
    differ (a repeat across the seam of two permutations is exchanged with a later position).
    """
    stream = digests.keyed_stream(key=key, label=b"diffusion", length=8 * bits * t)
    keys = np.frombuffer(stream, dtype="<u8").reshape(t, bits)
    order = np.argsort(keys, axis=1, kind="stable").reshape(-1)
    for seam in range(bits, bits * t, bits):
        start = seam - seam % t
        _make_distinct(order, start, min(start + t, bits * t))
    return order.reshape(bits, t)


def _make_distinct(order: NDArray[np.intp], start: int, stop: int) -> None:
    """Exchange repeats in order[start:stop] with the positions that follow; needs t < bits."""
    for place in range(start + 1, stop):
        later = place
        while order[place] in order[start:place]:
            later += 1
            order[[place, later]] = order[[later, place]]


def _byte_tables(rows: Words) -> Words:
    """For each input byte, the output (bytes, 256, words) of every value of that byte."""
    tables = np.zeros((len(rows) // 8, 256, rows.shape[1]), dtype=np.uint64)
    of_byte = rows.reshape(len(tables), 8, 1, rows.shape[1])
    for bit in range(8):
        tables[:, 1 << bit : 2 << bit] = tables[:, : 1 << bit] ^ of_byte[:, bit]
    return tables
