"""Large requests are not searched for circles again and again while they are read."""

import subprocess
import sys

STEPS = """
import gc, orjson
from ttp.collecting import collect_rarely
body = orjson.dumps([{"parameter": [{"name": str(n)}] * 10} for n in range(10_000)])
def searches():
    before = sum(one["collections"] for one in gc.get_stats())
    kept = [dict(one) for one in orjson.loads(body)]
    return sum(one["collections"] for one in gc.get_stats()) - before
usual = searches()
collect_rarely()
print(usual, searches())
"""


def test_a_serving_process_searches_for_circles_a_tenth_as_often() -> None:
    told = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    usual, rare = map(int, told.stdout.split())
    assert rare * 10 <= usual
