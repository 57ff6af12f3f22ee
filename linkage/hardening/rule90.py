"""Rule 90: every bit becomes the XOR of its neighbors, the ends joined (Schnell and Borgs 2018)."""

import numpy as np

from linkage.hardening.bits import Hardener, Words

_ONE, _TOP = np.uint64(1), np.uint64(63)


def rule_90() -> Hardener:
    """One step of Wolfram's cellular automaton 90 on a ring as long as the filter; no key."""

    def apply(words: Words) -> Words:
        earlier: Words = np.roll(words, 1, axis=1)
        later: Words = np.roll(words, -1, axis=1)
        from_left: Words = (words << _ONE) | (earlier >> _TOP)
        from_right: Words = (words >> _ONE) | (later << _TOP)
        return np.bitwise_xor(from_left, from_right)

    return apply
