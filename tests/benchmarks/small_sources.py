"""Linkage of small sources: how many links are found, and how many are right, over many made-up pairs of sites.

By hand: ``python -m tests.benchmarks.small_sources``. Seeds from 51 on are held out, as in `bench_quality`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from linkage import schema
from linkage.encode import Encoder
from linkage.pipeline import link
from tests.benchmarks.bench_quality import SECRET, Setting, made_up

WAYS: dict[str, tuple[str, float | None]] = {
    "field": ("field", None),
    "field, threshold 8": ("field", 8.0),
    "default": ("default", None),
    "views": ("views", None),
}


def found(way: str, sizes: Sequence[int], seeds: Sequence[int], overlap: float) -> list[str]:
    """Per size: precision, recall, and in how many linkages no link was found."""
    name, threshold = WAYS[way]
    encoder = Encoder(schema.load(name), secret=SECRET)
    row = []
    for size in sizes:
        right = links = possible = nothing = 0
        for seed in seeds:
            data = made_up(Setting(way, size, overlap, "moderate", seed, numbers=False))
            made = link([encoder.encode(table) for table in data.tables], threshold=threshold)
            right += sum(one.named in data.truth for one in made.links)
            links += len(made.links)
            possible += data.possible
            nothing += not made.links
        row.append(f"{right / max(links, 1):.2f}, {right / possible:.2f}, {nothing}")
    return row


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Linkage of small sources.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 10, 20, 30, 50, 100])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(51, 71)))
    parser.add_argument("--overlap", type=float, default=0.5)
    asked = parser.parse_args()
    head = ["way", *map(str, asked.sizes)]
    print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for way in WAYS:
        row = found(way, asked.sizes, asked.seeds, asked.overlap)
        print(f"| {' | '.join([way, *row])} |", flush=True)


if __name__ == "__main__":
    _by_hand()
