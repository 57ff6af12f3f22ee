"""Balancing: a filter and its complement, rearranged, so that half of all bits are set.

Source: Schnell and Borgs, Randomized response and balanced Bloom filters (ICDMW 2016).
"""

import numpy as np
from numpy.typing import NDArray

from linkage.hardening.bits import Hardener, Words, packed, unpacked
from linkage.java import swapped


def balance(places: NDArray[np.intp]) -> Hardener:
    """Filters of half as many bits as `places` to filters with exactly that many bits set.

    Output bit i is bit `places[i]` of filter and complement laid end to end.
    """
    length = len(places) // 2

    def apply(words: Words) -> Words:
        bits = unpacked(words)[:, :length]
        both = np.take(np.concatenate([bits, 1 - bits], axis=1), places, axis=1)
        both[~words.any(axis=1)] = 0
        return packed(both)

    return apply


def java_balance(*, length: int, seed: int) -> Hardener:
    """Balancing of the first `length` bits as E-PIX and the federated client do it."""
    return balance(np.array(swapped(2 * length, seed=seed), dtype=np.intp))
