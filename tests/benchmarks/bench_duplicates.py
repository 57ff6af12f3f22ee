"""Duplicates inside sources: F1 over all pairs, within and across, of a linkage told of them and of one that is not.

By hand: `python -m tests.benchmarks.bench_duplicates`. `--alone` removes the second source: `deduplicate`.
"""

import argparse
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from itertools import combinations, product

from linkage import schema
from linkage.decide.selftrain import ScorerKind
from linkage.deduplicate import deduplicate, deduplicate_clear
from linkage.encode import Encoder
from linkage.evaluate import NamedPair, NamedRecord, Quality, evaluate, pair
from linkage.merging import pairs_within
from linkage.pipeline import link, link_clear
from linkage.result import LinkResult
from linkage.synthetic import MODERATE, Population, generate

SECRET = b"benchmark secret, thirty-two byte"
WAYS = ("clear", "clear-learned", "default", "field", "views")


def main() -> None:
    """Print one row for each way, share of persons registered twice, overlap and seed."""
    asked = _asked()
    sites = ("a",) if asked.alone else ("a", "b")
    for way, share, overlap, seed in product(
        asked.ways, asked.duplicates, asked.overlaps, asked.seeds
    ):
        errors = replace(MODERATE, duplicate=share, no_kvnr=1.0)
        people = generate(sites, asked.size, overlap, seed, errors)
        true = truth_of(people)
        told = [(), sites] if len(sites) > 1 else [sites]
        found = [measured(linked(people, way, names), true) for names in told]
        figures = (f"{q.f1:.4f} ({q.precision:.3f}, {q.recall:.3f})" for q in found)
        print(
            "|", " | ".join([way, str(share), str(overlap), str(seed), *figures]), "|", flush=True
        )


def truth_of(people: Population) -> set[NamedPair]:
    """All pairs of records of one person."""
    of: dict[str, list[NamedRecord]] = defaultdict(list)
    for site in people.sites:
        for record, person in people.persons(site).items():
            of[person].append((site, record))
    return {pair(*two) for records in of.values() for two in combinations(records, 2)}


def linked(people: Population, way: str, duplicates: Collection[str]) -> LinkResult:
    """The sites linked, or the only site deduplicated."""
    tables = [people.table(site) for site in people.sites]
    if way.startswith("clear"):
        scorer = ScorerKind.BOOSTING if way == "clear-learned" else None
        if len(tables) == 1:
            return deduplicate_clear(tables[0])
        return link_clear(tables, scorer=scorer, duplicates=duplicates)
    encoder = Encoder(schema.load(way), secret=SECRET)
    sets = [encoder.encode(table) for table in tables]
    return deduplicate(sets[0]) if len(sets) == 1 else link(sets, duplicates=duplicates)


def measured(result: LinkResult, true: Collection[NamedPair]) -> Quality:
    """All pairs of the clusters against all true pairs."""
    return evaluate(pairs_within(result.clusters.values()), true)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--size", type=int, default=4000, help="patients per site")
    parser.add_argument("--duplicates", type=float, nargs="+", default=[0.01, 0.05, 0.2])
    parser.add_argument("--overlaps", type=float, nargs="+", default=[0.5])
    parser.add_argument("--seeds", type=int, nargs="+", default=[51, 52])
    parser.add_argument("--alone", action="store_true", help="deduplicate one source")
    return parser.parse_args()


if __name__ == "__main__":
    main()
