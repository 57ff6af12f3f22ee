"""Filters as words and as single bits, and back."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Hardener = Callable[[Words], Words]
"""Filters (n, words) to filters (n, other words), row by row; the input is left alone."""


def unpacked(words: Words) -> NDArray[np.uint8]:
    """The bits (n, 64 · words) of filters (n, words), one byte each."""
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little")


def packed(bits: NDArray[np.uint8]) -> Words:
    """Filters (n, words) of bits (n, any), filled up with zeros to whole words."""
    short = -bits.shape[1] % 64
    whole = np.pad(bits, ((0, 0), (0, short))) if short else bits
    octets = np.packbits(whole, axis=1, bitorder="little")
    return np.ascontiguousarray(octets).view("<u8").astype(np.uint64, copy=False)


def rearranged(words: Words, places: NDArray[np.intp]) -> Words:
    """Filters whose bit i is bit `places[i]` of the filters given."""
    return packed(np.take(unpacked(words), places, axis=1))
