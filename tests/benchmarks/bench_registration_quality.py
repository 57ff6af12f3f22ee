"""Registration's quality against the known truth of made-up patients, over `register_identities` itself.

Records arrive in batches at a center with SQLite, source after source. Pairs of records count: found are those of one
person, before anybody looks at cases, and after somebody who knows the truth has answered them. Intervals are
bootstrapped over true persons. Seeds from 51 on are held out; 11 to 42 served for development. ``other`` errors are a
mix that was never tuned on. By hand: ``python -m tests.benchmarks.bench_registration_quality --records 10000``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from linkage.comparators import compare
from linkage.evaluate import Quality
from linkage.synthetic import HEAVY, MODERATE, ErrorProfile, generate
from tests.builders import make_center
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.identities import Registered
from ttp.core.matching import comparable
from ttp.core.names import CaseId, IdentityId
from ttp.core.persons import LOCAL, Grouping, Pair, pair_of
from ttp.core.ports import Transaction
from ttp.demo.quality import measure
from ttp.services.persons.match_records import index_of
from ttp.services.persons.register_identities import register_identities
from ttp.services.persons.seal_identities import open_contents

BATCH = 500
RESAMPLED = 500
SEEDS = (51, 52)
_OTHER = ErrorProfile(0.5, second=0.4, moved=0.2, married=0.06, no_kvnr=0.2, duplicate=0.05)
ERRORS = {
    "moderate": MODERATE,
    "moderate, without numbers": replace(MODERATE, no_kvnr=1.0),
    "heavy": HEAVY,
    "other": _OTHER,
}
Row = tuple[str, dict[str, str], str]
"""A source, a record, and who it truly is."""


@dataclass(frozen=True, slots=True)
class Found:
    """What registration made of the records. ``truth`` and ``persons`` by identity; ``asked``: pairs put to people."""

    truth: Mapping[IdentityId, str]
    persons: Mapping[IdentityId, Hashable]
    asked: Sequence[Pair]
    outcomes: Counter[str]
    cases: int
    seconds: float

    @property
    def before(self) -> Quality:
        """Pairs before anybody reviews."""
        return measure(self.persons, self.truth)

    @property
    def reviewed(self) -> dict[IdentityId, Hashable]:
        """Persons after somebody who knows the truth has answered every question."""
        groups = Grouping()
        for identity, person in self.persons.items():
            groups.join(identity, IdentityId(person))  # type: ignore[arg-type]  # persons are named by identities
        for first, second in self.asked:
            if self.truth[first] == self.truth[second]:
                groups.join(first, second)
        return {identity: groups.root(identity) for identity in self.persons}

    @property
    def after(self) -> Quality:
        """Pairs after review."""
        return measure(self.reviewed, self.truth)

    @property
    def case_share(self) -> float:
        """Share of registrations that became cases."""
        return self.outcomes["case"] / max(len(self.truth), 1)


def main() -> dict[str, object]:
    """F1 before and after review, and the share of cases, on held-out seeds."""
    figures: dict[str, object] = {}
    for seed in SEEDS:
        for errors in ("moderate", "other"):
            for name, value in measured(10_000, errors, seed, retrieval=False).items():
                figures[f"{errors}, seed {seed}: {name}"] = value
    return figures


def measured(records: int, errors: str, seed: int, *, retrieval: bool = True) -> dict[str, object]:
    """The figures of one population of two sources that know half of their patients both."""
    with tempfile.TemporaryDirectory() as folder:
        center = make_center(Path(folder), role="local")
        found = registered(center, rows(records, ERRORS[errors], seed))
        figures: dict[str, object] = {}
        for name, persons in (("before", found.persons), ("after", found.reviewed)):
            quality = measure(persons, found.truth)
            low, high = interval(persons, found.truth)
            figures[f"F1 {name} review"] = f"{quality.f1:.4f} ({low:.4f} to {high:.4f})"
            figures[f"precision {name} review"] = round(quality.precision, 4)
            figures[f"recall {name} review"] = round(quality.recall, 4)
        figures["share of registrations that become cases"] = round(found.case_share, 4)
        figures["registrations per second"] = round(len(found.truth) / found.seconds)
        if retrieval:
            figures |= center.work.run(lambda tx: _by_kind(center, tx, found))
    return figures


def rows(records: int, errors: ErrorProfile, seed: int) -> list[Row]:
    """Made-up records of two sources, half of whose patients both know."""
    people = generate(("a", "b"), records // 2, 0.5, seed, errors)
    return [
        (
            source,
            {name: value for name, value in row.items() if value and name not in _UNSENT},
            str(row["person"]),
        )
        for source, of_source in people.sites.items()
        for row in of_source
    ]


_UNSENT = {"person", "consent"}


def registered(center: Center, arriving: Sequence[Row]) -> Found:
    """Register the records, batch by batch; what is refused is left out of the truth as well."""
    started = time.process_time()
    truth: dict[IdentityId, str] = {}
    outcomes: Counter[str] = Counter()
    for source in dict.fromkeys(row[0] for row in arriving):
        mine = [row for row in arriving if row[0] == source]
        for start in range(0, len(mine), BATCH):
            part = mine[start : start + BATCH]
            for row, answer in zip(part, _register(center, source, part), strict=True):
                if isinstance(answer, Registered):
                    truth[answer.identity] = row[2]
                    outcomes[answer.outcome.value] += 1
    seconds = time.process_time() - started
    stored = center.work.run(lambda tx: tx.identities.get(sorted(truth)), write=False)
    persons = {identity: row.person for identity, row in stored.items()}
    cases, asked = center.work.run(_asked, write=False)
    return Found(truth, persons, asked, outcomes, cases, seconds)


def _register(center: Center, source: str, part: Sequence[Row]) -> Sequence[object]:
    records = [row[1] for row in part]
    return center.work.run(
        lambda tx: register_identities(center, tx, OPERATOR, source=source, records=records)
    )


def _asked(tx: Transaction) -> tuple[int, list[Pair]]:
    after: CaseId | None = None
    cases: list[CaseId] = []
    while page := tx.desk.cases(CaseFilter(), after=after):
        cases += [line.case.id for line in page]
        after = cases[-1]
    parts = [cases[start : start + 500] for start in range(0, len(cases), 500)]
    found = [pairs for part in parts for pairs in tx.review.pairs(part).values()]
    return len(cases), [pair.match.pair for pairs in found for pair in pairs]


def interval(
    grouped: Mapping[IdentityId, Hashable], truth: Mapping[IdentityId, str]
) -> tuple[float, float]:
    """95 % of F1 by drawing true persons again and again; a false pair counts half to either person."""
    parts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for identity, person in truth.items():
        groups[grouped[identity]].append(person)
    for members in groups.values():
        for first, second in combinations(members, 2):
            for one in (first, second):
                parts[one][0] += 0.5
                parts[one][2] += 0.5 * (first == second)
    for person, many in Counter(truth.values()).items():
        parts[person][1] = many * (many - 1) / 2
    table = np.array(list(parts.values()))
    draws = np.random.default_rng(1).poisson(1.0, (RESAMPLED, len(table))) @ table
    f1 = 2 * draws[:, 2] / (draws[:, 0] + draws[:, 1])
    return float(np.quantile(f1, 0.025)), float(np.quantile(f1, 0.975))


def _by_kind(center: Center, tx: Transaction, found: Found) -> dict[str, object]:
    """Of the true pairs, by what differs in them: how many were candidates, linked, and put to people."""
    data = _contents(center, tx, list(found.truth))
    retrieved = _retrieved(center, tx, data)
    asked = set(found.asked)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in _true_pairs(found.truth):
        for kind in ("all", _kind(data[pair[0]], data[pair[1]])):
            counted[kind]["pairs"] += 1
            counted[kind]["retrieved"] += pair in retrieved
            linked = found.persons[pair[0]] == found.persons[pair[1]]
            counted[kind]["linked"] += linked
            counted[kind]["asked"] += not linked and pair in asked
    return {
        f"true pairs, {kind}: retrieved, linked, asked": f"{counts['pairs']}: "
        + ", ".join(
            f"{counts[one] / counts['pairs']:.4f}" for one in ("retrieved", "linked", "asked")
        )
        for kind, counts in sorted(counted.items(), key=lambda one: -one[1]["pairs"])
    }


def _contents(
    center: Center, tx: Transaction, identities: list[IdentityId]
) -> dict[IdentityId, IdentifyingData]:
    stored = list(tx.identities.versions(identities).values())
    contents = open_contents(center, LOCAL, stored)
    return {row.id: from_content(text) for row, text in zip(stored, contents, strict=True)}


def _retrieved(
    center: Center, tx: Transaction, data: Mapping[IdentityId, IdentifyingData]
) -> set[Pair]:
    index = index_of(center, tx, tx.identities.lock(LOCAL))
    everyone = list(data.items())
    pairs: set[Pair] = set()
    for start in range(0, len(everyone), BATCH):
        block = index.entries(
            [(one, 1, content) for one, content in everyone[start : start + BATCH]]
        )
        for entry, candidates in zip(block, index.candidates(block), strict=True):
            pairs.update(pair_of(entry.identity, one.identity) for one in candidates)
    return pairs


def _true_pairs(truth: Mapping[IdentityId, str]) -> Iterator[Pair]:
    persons: dict[str, list[IdentityId]] = defaultdict(list)
    for identity, person in truth.items():
        persons[person].append(identity)
    for members in persons.values():
        for first, second in combinations(members, 2):
            yield pair_of(first, second)


def _kind(first: IdentifyingData, second: IdentifyingData) -> str:
    """What differs between two records, in a word."""
    levels = compare(comparable(first).variants[0], comparable(second).variants[0])
    names = {
        "given_name": "given name",
        "surname": "surname",
        "birth_date": "birth date",
        "postcode": "place",
    }
    differing = [
        f"{word} {levels[name].name.lower()}"
        for name, word in names.items()
        if levels[name].name != "EQUAL"
    ]
    if len(differing) > 1:
        return f"{len(differing)} fields differ"
    return differing[0] if differing else "nothing differs"


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Quality of registration.")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--errors", nargs="+", choices=list(ERRORS), default=["moderate"])
    asked = parser.parse_args()
    for seed in asked.seeds:
        for errors in asked.errors:
            print(f"{asked.records} records, errors {errors}, seed {seed}")
            for name, value in measured(asked.records, errors, seed).items():
                print(f"  {name}: {value}", flush=True)


if __name__ == "__main__":
    _by_hand()
