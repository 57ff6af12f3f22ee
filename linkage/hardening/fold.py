"""XOR folding: equal parts of a filter XORed upon each other (Schnell and Borgs 2016)."""

import numpy as np

from linkage.hardening.bits import Hardener, Words, packed, unpacked


def fold(*, parts: int, length: int) -> Hardener:
    """The first `length` bits in `parts` equal parts: output bit i is the XOR of bit i of each."""

    def apply(words: Words) -> Words:
        if length == 64 * words.shape[1] and not words.shape[1] % parts:
            folded: Words = np.bitwise_xor.reduce(words.reshape(len(words), parts, -1), axis=1)
            return folded
        bits = unpacked(words)[:, :length].reshape(len(words), parts, -1)
        return packed(np.bitwise_xor.reduce(bits, axis=1))

    return apply
