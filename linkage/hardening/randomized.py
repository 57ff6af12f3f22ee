"""Randomized response (BLIP): every bit turned over with a fixed probability.

Source: Alaggan, Gambs and Kermarrec, BLIP (2012); Schnell and Borgs (ICDMW 2016); ε after Warner 1965.
"""

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.hardening.bits import Hardener, Words, packed


def randomized_response(*, threshold: int, key: bytes) -> Hardener:
    """Turn over each bit with probability threshold / 65,536, drawn from key and filter.

    The noise is SHAKE-256 of the key and the filter's bytes: equal filters get equal noise, so that
    repeated releases of a record cannot be averaged; unlike ones get unrelated noise.
    """

    def noise(row: bytes) -> NDArray[np.uint8]:
        stream = digests.keyed_stream(key=key, label=row, length=16 * len(row))
        return (np.frombuffer(stream, dtype="<u2") < threshold).view(np.uint8)

    def apply(words: Words) -> Words:
        rows = np.ascontiguousarray(words, dtype="<u8")
        flips = np.zeros((len(rows), 64 * rows.shape[1]), dtype=np.uint8)
        for place, row in enumerate(rows):
            if row.any():
                flips[place] = noise(row.tobytes())
        return words ^ packed(flips)

    return apply
