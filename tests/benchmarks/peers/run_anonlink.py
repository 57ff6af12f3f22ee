"""Run anonlink: `A.npy B.npy THRESHOLD PAIRS.npy`; seconds of the processor, pairs to a file."""

import json
import sys
import time

import numpy as np
from anonlink.candidate_generation import (  # type: ignore[import-not-found]  # its own environment
    find_candidate_pairs,
)
from anonlink.similarities import (  # type: ignore[import-not-found]  # its own environment
    dice_coefficient_accelerated,
)
from bitarray import bitarray

sides = []
for path in sys.argv[1:3]:
    filters = []
    for row in np.load(path):
        filters.append(bitarray())
        filters[-1].frombytes(row.tobytes())
    sides.append(filters)
started = time.process_time()
scores, _, (rows_a, rows_b) = find_candidate_pairs(
    sides, dice_coefficient_accelerated, float(sys.argv[3])
)
seconds = time.process_time() - started
order = np.lexsort((rows_b, rows_a))
columns = [np.asarray(column)[order] for column in (rows_a, rows_b, scores)]
np.save(sys.argv[4], np.array(columns, dtype=np.float64))
sys.stdout.write(json.dumps({"CPU s": seconds, "pairs": len(scores)}))
