"""What each hardening costs a record: CPU time for filters of 1024 bits, kinds measured in turn.

``python -m tests.benchmarks.bench_hardening --resistance``: what each holds against the attacks, too.
"""

import json
import sys
import time

import numpy as np

from linkage.harden import hardeners
from linkage.hardening import Words
from linkage.schema import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    Permutation,
    RandomizedResponse,
    Rule90,
)
from tests.benchmarks import resistance

ROWS = 20_000
BITS = 1024
ROUNDS = 5
KINDS: tuple[Hardening, ...] = (
    Diffusion(10),
    Permutation(),
    Balance(),
    Fold(2),
    Rule90(),
    RandomizedResponse(0.05),
)


def filters() -> Words:
    """Filters in which 30 % of the bits are set."""
    made = np.random.default_rng(2026).random((ROWS, BITS)) < 0.3
    return np.packbits(made, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def main() -> dict[str, object]:
    """Microseconds of CPU a record for each kind: the fastest of several interleaved rounds."""
    words = filters()
    steps = {step.name: hardeners([step], bits=BITS, key=b"k" * 32)[0] for step in KINDS}
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        for name, apply in steps.items():
            started = time.process_time()
            apply(words)
            best[name] = min(best[name], time.process_time() - started)
    return {f"{name}, us of CPU a record": taken / ROWS * 1e6 for name, taken in best.items()}


if __name__ == "__main__":
    if "--resistance" in sys.argv[1:]:
        resistance.main()
        sys.exit()
    json.dump(main(), sys.stdout, indent=1)
