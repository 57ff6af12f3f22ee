"""Compiled hardening: the inner loop of linear diffusion, one thread, no Python objects."""

from typing import Any

import numpy as np

from linkage.compiling import compiled


@compiled
def xor_tables(words: Any, tables: Any, out: Any) -> None:
    """`out[i]` becomes the XOR over all bytes of `words[i]` of the byte's row in its table.

    `words` (n, width), `tables` (8 * width, 256, out width). Eight rows are joined at a time, so
    that the result is read and written once per word.
    """
    byte = np.uint64(255)
    for row in range(words.shape[0]):
        for place in range(out.shape[1]):
            out[row, place] = np.uint64(0)
        for word in range(words.shape[1]):
            x = words[row, word]
            at = word * 8
            t0 = tables[at, np.int64(x & byte)]
            t1 = tables[at + 1, np.int64((x >> np.uint64(8)) & byte)]
            t2 = tables[at + 2, np.int64((x >> np.uint64(16)) & byte)]
            t3 = tables[at + 3, np.int64((x >> np.uint64(24)) & byte)]
            t4 = tables[at + 4, np.int64((x >> np.uint64(32)) & byte)]
            t5 = tables[at + 5, np.int64((x >> np.uint64(40)) & byte)]
            t6 = tables[at + 6, np.int64((x >> np.uint64(48)) & byte)]
            t7 = tables[at + 7, np.int64(x >> np.uint64(56))]
            for place in range(out.shape[1]):
                first = t0[place] ^ t1[place] ^ t2[place] ^ t3[place]
                second = t4[place] ^ t5[place] ^ t6[place] ^ t7[place]
                out[row, place] ^= first ^ second
