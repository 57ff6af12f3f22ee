"""Attack: what must fall falls in seconds, what must hold holds, and an audit of 100,000 records is quick.

``python -m tests.benchmarks.bench_attack --cells``: smaller and larger samples, less overlap, and fields
apart.
"""

import json
import sys
import time

from linkage.attack.columns import filled
from linkage.attack.frequency import attack_equality
from linkage.attack.spectrum import spectrum
from linkage.attack.trial import attack
from linkage.attack.twin import encoded, make_twin
from linkage.schema import LinkageSchema, load
from tests.linkage.attack.encodings import composite

AUDITED = 100_000
CASES = (("plain, k = 10", 10, 0), ("k = 3, t = 8", 3, 8), ("k = 10, t = 10", 10, 10))
CELLS = ((500, 1.0, 1), (1000, 1.0, 1), (2000, 0.2, 3), (5000, 0.05, 1))


def _audit(schema: LinkageSchema) -> dict[str, object]:
    twin = make_twin(schema, AUDITED, 0.0, seed=1)
    words = filled(encoded(twin.target, schema, seed=1, side="target"))
    started, spent = time.perf_counter(), time.process_time()
    found = spectrum(words)
    name = f"rank audit of {AUDITED:,} records, {schema.name}, {64 * words.shape[1]:,} bits"
    return {
        f"{name}: rank": found.rank,
        f"{name}, s": time.perf_counter() - started,
        f"{name}, processor s": time.process_time() - spent,
    }


def main() -> dict[str, object]:
    """Figures: recall and seconds per known case, ranks and seconds of audits."""
    attack(composite(10), 200, 1.0, seed=1)
    figures: dict[str, object] = {}
    for label, bits, t in CASES:
        started = time.perf_counter()
        found = attack(composite(bits, t), 2000, 1.0, seed=1)
        figures[f"{label}, n = 2000, all shared: recall"] = found.recall.value
        figures[f"{label}, n = 2000, all shared: 50 known"] = found.known.value
        figures[f"{label}, n = 2000, all shared, s"] = time.perf_counter() - started
    for schema in (composite(10, 10), load("views"), load("salted")):
        figures |= _audit(schema)
    return figures


def cells() -> dict[str, object]:
    """Recall of other cells: one filter without diffusion by size, overlap and seed; fields apart."""
    figures: dict[str, object] = {}
    for n, overlap, seed in CELLS:
        found = attack(composite(10), n, overlap, seed=seed)
        figures[f"plain, k = 10, n = {n}, overlap {overlap:g}, seed {seed}"] = found.recall.value
    apart = attack_equality(load("field"), 2000, 1.0, seed=1)
    figures["fields apart, n = 2000: persons by groups"] = apart.refined.value
    for name, share in apart.by_alignment.items():
        figures[f"fields apart, n = 2000: {name} by alignment"] = share.value
    return figures


if __name__ == "__main__":
    if "--cells" in sys.argv[1:]:
        json.dump(cells(), sys.stdout, indent=2)
        sys.exit()
    json.dump(main(), sys.stdout, indent=2)
