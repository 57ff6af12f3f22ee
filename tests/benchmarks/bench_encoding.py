"""Encoding: records per CPU second of one core, from columns and from CSV, with what is new to the encoder and known.

First: an encoder that has met no value before. Again: the values are known, as for every later part of a
large table. Figures count CPU seconds, so that a busy machine changes them little.
"""

import csv
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from linkage import schema, synthetic
from linkage.columns import Coded
from linkage.encode import Encoder, EncodingSet
from linkage.records import RecordTable, accept, read_csv

RECORDS = 100_000
ROUNDS = 3
SECRET = b"a secret of a benchmark"
SCHEMAS = ("record", "default", "field", "views", "salted")


def people() -> RecordTable:
    """Made-up patients with moderate errors, as coded columns."""
    table = synthetic.generate(["site"], RECORDS, 0, seed=2026).table("site")
    columns = {name: Coded.of(values) for name, values in table.columns.items()}
    return RecordTable(table.source, table.record_ids, columns)


def anew(table: RecordTable) -> RecordTable:
    """The same table without what was read in its values before."""
    columns = {name: Coded.of(list(values)) for name, values in table.columns.items()}
    return RecordTable(table.source, table.record_ids, columns)


def written(table: RecordTable, path: Path) -> None:
    """The table as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", *table.columns])
        rows = zip(table.record_ids, *table.columns.values(), strict=True)
        writer.writerows([value or "" for value in row] for row in rows)


def rate(work: Callable[[], EncodingSet]) -> int:
    """Records per CPU second, median of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        made = work()
        taken.append(time.process_time() - started)
    return round(len(made) / statistics.median(taken))


def first(chosen: schema.LinkageSchema, table: RecordTable) -> int:
    """The rate of an encoder that has met none of the values."""
    fresh = anew(table)
    encoder = Encoder(chosen, secret=SECRET)
    encoder.encode_one({"surname": "Warm"})
    started = time.process_time()
    encoder.encode(fresh)
    return round(len(fresh) / (time.process_time() - started))


def main() -> dict[str, object]:
    """Figures: records per CPU second for each shipped layout, and from a CSV file."""
    table = people()
    figures: dict[str, object] = {"records": RECORDS}
    for name in SCHEMAS:
        chosen = schema.load(name)
        encoder = Encoder(chosen, secret=SECRET)
        encoder.encode(table)
        figures[f"{name}, from columns, first, records/s/core"] = first(chosen, table)
        figures[f"{name}, from columns, again, records/s/core"] = rate(
            lambda ready=encoder: ready.encode(table)  # type: ignore[misc]  # bound now, not later
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.csv"
        written(table, path)
        encoder = Encoder(schema.load("record"), secret=SECRET)
        figures["record, from CSV with validation, records/s/core"] = rate(
            lambda: encoder.encode(accept(read_csv(path), encoder.schema))
        )
    return figures


if __name__ == "__main__":
    json.dump(main(), sys.stdout, indent=2)
