"""How much a test run tries: one factor, TTP_TEST_SCALE, for every count that takes patience."""

import os

TEST_SCALE = float(os.environ.get("TTP_TEST_SCALE", "1"))


def scaled(count: int, *, least: int = 1) -> int:
    """How many examples, rows or threads to try: `count` at scale 1, never under `least`."""
    return max(least, round(count * TEST_SCALE))
