"""Other libraries on the same input in the same run: anonlink finds the same pairs, clkhash the same bits.

Seconds are those of the processor, one thread each, for the machine may be shared.
"""

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from linkage.kernel import PairTable, Words, pairs_above, warm
from linkage.kernel.engine import select
from tests.benchmarks.bench_kernel import changed, filters
from tests.benchmarks.peers import PeerMissing, peer

ROWS = 20_000
THRESHOLD = 0.85


def against_anonlink(a: Words, b: Words, ours: PairTable) -> dict[str, object]:
    """Seconds of anonlink for the same filters, and whether its pairs and scores are ours."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("a.npy", "b.npy", "pairs.npy")]
        np.save(paths[0], a)
        np.save(paths[1], b)
        figures = peer("anonlink", paths[0], paths[1], str(THRESHOLD), paths[2])
        rows_a, rows_b, scores = np.load(paths[2])
    same = np.array_equal(rows_a, ours.rows_a) and np.array_equal(rows_b, ours.rows_b)
    return {
        "anonlink, CPU s": figures["CPU s"],
        "anonlink, pairs identical": bool(same),
        "anonlink, scores identical": bool(same and np.array_equal(scores, ours.score)),
    }


def main() -> dict[str, object]:
    """All pairs by anonlink and by us; what cannot be had here is named instead."""
    rng = np.random.default_rng(2026)
    a = filters(rng, ROWS)
    b = np.vstack([changed(rng, a[: ROWS // 2]), filters(rng, ROWS - ROWS // 2)])
    warm()
    engine = replace(select("auto"), threads=1)
    spent = []
    for _ in range(3):
        started = time.process_time()
        ours = pairs_above(a, b, THRESHOLD, engine=engine)
        spent.append(time.process_time() - started)
    name = f"{ROWS:,} x {ROWS:,}, t = {THRESHOLD}"
    figures: dict[str, object] = {f"{name}: ours, CPU s": min(spent), "pairs": len(ours)}
    try:
        theirs = against_anonlink(a, b, ours)
    except PeerMissing as reason:
        return figures | {"anonlink": f"not measured: {reason}"}
    factor = float(str(theirs["anonlink, CPU s"])) / min(spent)
    return figures | theirs | {"anonlink, times our CPU s": factor}


if __name__ == "__main__":
    json.dump(main(), sys.stdout, indent=2)
