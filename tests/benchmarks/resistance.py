"""What each hardening holds against the attacks, and what it leaves of the quality.

Names and date of birth in one filter of 1024 bits, as made-up persons have them. Attack: 2,000 persons
a side, all shared, seed 1; of those found with known pairs, the 50 known are left out. Rank: components
above noise. F1: two sites of 5,000 persons, half of them shared, moderate errors, threshold without
truth, mean of two held-out seeds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import mean

from linkage.attack.adviser import quality
from linkage.attack.columns import filled
from linkage.attack.equality import Seen
from linkage.attack.gates import equalities
from linkage.attack.leakage import leakage
from linkage.attack.policy import PROTECTED
from linkage.attack.salts import attack_salts
from linkage.attack.spectrum import spectrum
from linkage.attack.trial import attack
from linkage.attack.twin import encoded, make_twin
from linkage.attack.variations import Candidate
from linkage.schema import LinkageSchema
from linkage.synthetic import MODERATE
from tests.linkage.attack.encodings import Step, composite, salted_by_year

ATTACKED = 2_000
AUDITED = 20_000
LINKED = 5_000
SEEDS = (51, 52)
HEAD = (
    "hardening", "bits a token", "fill", "found", "with 50 known", "rank at 2,000", "rank at 20,000",
    "F1", "left of F1",
)  # fmt: skip
BITS = 10
STEPS: tuple[Step, ...] = (
    {"name": "diffusion", "t": 4},
    {"name": "diffusion", "t": 8},
    {"name": "diffusion", "t": 10},
    {"name": "permutation"},
    {"name": "balance"},
    {"name": "fold", "parts": 2},
    {"name": "rule-90"},
    {"name": "randomized-response", "flip": 0.05},
    {"name": "randomized-response", "flip": 0.1},
)


def cells() -> Iterator[tuple[str, int, LinkageSchema]]:
    """Name, bits a token, and schema of every row: first without hardening, last what fill and salts do."""
    yield "none", BITS, composite(BITS)
    for step in STEPS:
        yield ", ".join(f"{value}" for value in step.values()), BITS, composite(BITS, steps=[step])
    yield "diffusion, 10, sparse filter", 3, composite(3, 10)
    yield "diffusion, 10, half-full filter", 32, composite(32, 10)
    yield "salted by year of birth", BITS, salted_by_year(BITS)


def row(name: str, bits: int, schema: LinkageSchema, unhardened: float | None) -> tuple[str, ...]:
    """One line of the table; ``unhardened``: F1 of the first."""
    found = attack(schema, ATTACKED, 1.0, seed=1)
    f1 = mean(quality(Candidate(name, schema), MODERATE, LINKED, seed)[2] for seed in SEEDS)
    left = f1 / (unhardened or f1)
    shares = (found.recall.value, found.known.value)
    ranks = (rank(schema, size) for size in (ATTACKED, AUDITED))
    fill = leakage(schema, ATTACKED).sparsest.fill
    text = [name, str(bits), f"{fill:.2f}", *(f"{share:.3f}" for share in shares)]
    return (*text, *map(str, ranks), f"{f1:.4f}", f"{left:.3f}")


def rank(schema: LinkageSchema, n: int) -> int:
    """Components above noise among ``n`` made-up persons."""
    twin = make_twin(schema, n, 0.0, seed=1)
    return spectrum(filled(encoded(twin.target, schema, seed=1, side="target"))).rank


def main() -> None:
    """Print the table, and what falls where one salt is attacked alone."""
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    unhardened = None
    for name, bits, schema in cells():
        line = row(name, bits, schema, unhardened)
        unhardened = unhardened or float(line[-2])
        print(f"| {' | '.join(line)} |", flush=True)
    print(f"\n{one_year()}\nprocessor seconds: {time.process_time():.0f}")


def one_year() -> str:
    """What is found where the most frequent year of birth is attacked alone, in a sentence."""
    schema = salted_by_year(BITS)
    twin = make_twin(schema, AUDITED, 0.0, seed=1)
    seen = Seen()
    seen.add(encoded(twin.target, schema, seed=1, side="target"))
    found = attack_salts(schema, AUDITED, PROTECTED, largest=equalities(seen).largest, seed=1)
    one = found["year"]
    return (
        f"Salted by year of birth, the most frequent year of {AUDITED:,} persons attacked alone: "
        f"{one.recall.right} of {one.recall.tries} found, {one.known.right} of {one.known.tries} "
        "with 50 known."
    )
