"""Collecting: how often Python looks for circles among its objects in a process that serves requests.

A Bundle of 10,000 entries is some 300,000 objects without a single circle. With Python's own thresholds they are
searched through again and again while they are made, which takes as long as all the rest of the request.
"""

from __future__ import annotations

import gc

YOUNG = 100_000
"""So many new objects, a few tens of megabytes, are made before the first search."""


def collect_rarely() -> None:
    """Search for circles once in 100,000 new objects, and leave what was imported out of every search."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
