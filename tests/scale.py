"""How much a test run tries: one factor, TTP_TEST_SCALE, for every count that takes patience."""

import os

TEST_SCALE = float(os.environ.get("TTP_TEST_SCALE", "1"))


def scaled(count: int, *, least: int = 1, most: int | None = None) -> int:
    """How many examples, rows or threads to try: `count` at scale 1, never under `least` or over `most`."""
    wanted = max(least, round(count * TEST_SCALE))
    return wanted if most is None else min(wanted, most)
