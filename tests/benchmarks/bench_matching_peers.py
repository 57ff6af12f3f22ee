"""Registration beside recordlinkage and Splink on the same records: pairs across two sources, and processor time.

The libraries compare two tables once and are given them whole; registration meets one record after the other, and its
time contains database, encryption and audit log. Links count as found before anybody reviews. Each library blocks and
estimates without truth as in `tests/benchmarks/peers`. By hand:
``python -m tests.benchmarks.bench_matching_peers --records 10000 --seeds 51``.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from linkage.evaluate import Quality
from linkage.synthetic import Population, generate
from tests.benchmarks.bench_registration_quality import ERRORS, registered, rows
from tests.benchmarks.peers import PeerMissing, peer
from tests.builders import make_center
from ttp.demo.quality import measure_across

RECORDS = 10_000
SEED = 51
SURE = 0.5
"""Splink's links: pairs that are rather one person than not; recordlinkage decides by itself."""
PEERS = ("recordlinkage", "splink")


def main(records: int = RECORDS, seed: int = SEED, errors: str = "moderate") -> dict[str, object]:
    """F1, precision, recall and CPU seconds of ours and of each library that can be had here."""
    people = generate(("a", "b"), records // 2, 0.5, seed, ERRORS[errors])
    figures = {"ours": _ours(records, seed, errors)}
    for name in PEERS:
        try:
            figures[name] = _theirs(name, people)
        except PeerMissing as reason:
            figures[name] = f"not measured: {reason}"
    return {f"{errors}, {records} records, seed {seed}: {name}": of for name, of in figures.items()}


def _ours(records: int, seed: int, errors: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        center = make_center(Path(folder), role="local")
        found = registered(center, rows(records, ERRORS[errors], seed))
        stored = center.work.run(lambda tx: tx.identities.get(sorted(found.truth)), write=False)
    sources = {identity: row.source for identity, row in stored.items()}
    return _said(measure_across(found.persons, found.truth, sources), found.seconds)


def _theirs(name: str, people: Population) -> str:
    with tempfile.TemporaryDirectory() as folder:
        people.write_csv(Path(folder))
        tables = [Path(folder) / f"{source}.csv" for source in ("a", "b")]
        pairs = Path(folder) / "pairs.csv"
        figures = peer(name, *tables, pairs)
        with pairs.open(newline="") as file:
            found = {(row[0], row[1]) for row in list(csv.reader(file))[1:] if _linked(row)}
    truth = people.truth_pairs("a", "b")
    return _said(_quality(found, truth), figures["CPU s"])


def _linked(row: list[str]) -> bool:
    return float(row[2]) >= SURE


def _quality(found: Collection[tuple[str, str]], truth: Collection[tuple[str, str]]) -> Quality:
    right = len(set(found) & set(truth))
    return Quality(len(found), len(truth), right)


def _said(quality: Quality, seconds: float) -> str:
    return (
        f"F1 {quality.f1:.4f}, precision {quality.precision:.4f}, recall {quality.recall:.4f}; "
        f"{seconds:.1f} CPU s"
    )


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Registration beside other libraries.")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[SEED])
    parser.add_argument("--errors", nargs="+", choices=list(ERRORS), default=["moderate"])
    asked = parser.parse_args()
    for seed in asked.seeds:
        for errors in asked.errors:
            json.dump(main(asked.records, seed, errors), sys.stdout, indent=2)
            sys.stdout.write("\n")


if __name__ == "__main__":
    _by_hand()
