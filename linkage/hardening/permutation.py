"""Permutation: the bits of every filter in one secret order (Schnell and Borgs 2016)."""

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.hardening.bits import Hardener, Words, rearranged


def permutation(places: NDArray[np.intp]) -> Hardener:
    """Output bit i is input bit `places[i]`; undone by the inverse order."""

    def apply(words: Words) -> Words:
        return rearranged(words, places)

    return apply


def permuted_places(*, bits: int, key: bytes) -> NDArray[np.intp]:
    """A secret permutation of 0, …, bits - 1: the order of as many keyed 64-bit numbers."""
    stream = digests.keyed_stream(key=key, label=b"permutation", length=8 * bits)
    return np.argsort(np.frombuffer(stream, dtype="<u8"), kind="stable")
