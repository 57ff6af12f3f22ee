"""Matching against ten million records: retrieval, candidates and weighing of a batch of 256, and the memory it takes.

What registration does besides (database, sealing, log) does not grow with the stock and is measured by
``bench_registration``. The stock is put together field by field: an encoding is the union of those of its fields, so a
row costs an OR of a few words. Of a batch three in ten are in the stock, written down again with errors. By hand:
``python -m tests.benchmarks.bench_candidates --records 10000000 --publish``.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from linkage.kernel import Words, warm
from tests.benchmarks import stock
from tests.benchmarks.__main__ import publish
from ttp.core import comparables
from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.comparables import CHUNK
from ttp.core.identifying_data import IdentifyingData
from ttp.core.identities import BATCH
from ttp.core.matching import comparable
from ttp.core.names import IdentityId
from ttp.services.persons.match_records import judged

RECORDS = 200_000
BATCHES = 6
KNOWN = 77
FIELDS = ("given_name", "surname", "birth_date", "sex", "postcode", "city")
_COLUMNS = dict(zip(FIELDS, ("given", "surname", "birth", "sex", "postcode", "city"), strict=True))
_MIX = np.uint64(0x9E3779B97F4A7C15)
Ids = NDArray[np.int64]


class Stock:
    """Records put together from the values of one block of patients."""

    def __init__(self, index: CandidateIndex) -> None:
        self.index = index
        self._rows = [row for row in stock.patients(0) if len(row) > len(FIELDS)]
        self.values = {field: [row.get(field, "") for row in self._rows] for field in FIELDS}
        self._words = {field: self._encoded(field) for field in FIELDS}
        index._records._comparables._identifiers.append(bytearray())
        self._numbers = {field: self._numbered(field) for field in FIELDS}
        index._records._comparables._identifiers.clear()
        self.drawn = {field: np.empty(0, np.int64) for field in FIELDS}

    def _encoded(self, field: str) -> Words:
        data = [IdentifyingData(None, {field: value}) for value in self.values[field]]
        entries = self.index.entries([(_identity(0), 1, one) for one in data])
        return np.stack([one.words for one in entries])

    def _numbered(self, field: str) -> NDArray[np.int32]:
        held = self.index._records._comparables
        data = [IdentifyingData(None, {field: value}) for value in self.values[field]]
        rows = [held._row(-1, comparable(one)) for one in data]
        place = list(_COLUMNS).index(field)
        return np.array([row[place + (place > 1)] for row in rows], np.int32)

    def fill(self, records: int) -> None:
        """Add the records, a chunk at a time."""
        rng = np.random.default_rng(1)
        parts = []
        for start in range(0, records, CHUNK):
            count = min(CHUNK, records - start)
            ids = rng.integers(0, len(self._rows), (len(FIELDS), count))
            ids[5] = ids[4]  # postcode and city belong together
            ids[3] = ids[0]  # so do given name and sex
            self._add(start, dict(zip(FIELDS, ids, strict=True)))
            parts.append(ids)
        self.drawn = dict(zip(FIELDS, np.concatenate(parts, axis=1), strict=True))
        self._count(records)

    def _add(self, start: int, ids: dict[str, Ids]) -> None:
        index, records = self.index, self.index._records
        held, count = records._comparables, len(ids["sex"])
        chunk = np.zeros(CHUNK, comparables._ROW)
        for field, column in _COLUMNS.items():
            chunk[column][:count] = self._numbers[field][ids[field]]
        held._chunks.append(chunk)
        held._identifiers.append(bytearray())
        held._count += count
        records._make_room(start + count)
        rows = np.arange(start, start + count, dtype=np.int32)
        records._ids[rows] = np.stack([rows.astype(np.uint64), _low(rows)], axis=1)
        records._versions[rows], records.alive[rows] = 1, True
        records._by_identity.add(_low(rows), rows)
        records._living += count
        for tokens in self.tokens(ids):
            index._by_token.add(tokens, rows)
        words = np.zeros((count, 16), np.uint64)
        for field in FIELDS:
            words |= self._words[field][ids[field]]
        index._by_encoding.add(words, rows, records.alive)

    def tokens(self, ids: dict[str, Ids]) -> list[NDArray[np.uint64]]:
        """Stand-ins for birth date with given name, and with surname: equal where these are."""
        names = [self._numbers[field][ids[field]] for field in ("given_name", "surname")]
        date = self._numbers["birth_date"][ids["birth_date"]].astype(np.uint64)
        return [
            (date << np.uint64(32) | name.astype(np.uint64)) * _MIX + np.uint64(place)
            for place, name in enumerate(names)
        ]

    def _count(self, records: int) -> None:
        bearers = self.index.bearers
        bearers.records = records
        for field, counted in bearers.counts.items():
            for place, times in enumerate(np.bincount(self.drawn[field]).tolist()):
                value = self.values[field][place]
                read = comparable(IdentifyingData(None, {field: value})).variants[0]
                named = getattr(read, field)
                text = getattr(named, "joined", named) or ""
                counted[text] += times

    def batch(self, number: int) -> list[Entry]:
        """New patients, and some of the stock with typing errors."""
        rng = np.random.default_rng((2, number))
        ids = rng.integers(0, len(self._rows), (len(FIELDS), BATCH))
        ids[5], ids[3] = ids[4], ids[0]
        known = rng.integers(0, len(self.drawn["sex"]), KNOWN)
        ids[:, :KNOWN] = np.stack([self.drawn[field][known] for field in FIELDS])
        rows = [
            {field: self.values[field][place] for field, place in zip(FIELDS, of, strict=True)}
            for of in ids.T.tolist()
        ]
        rows[:KNOWN] = [
            dict(stock.again({**row, "record_id": "r"}, seed=place))
            for place, row in enumerate(rows[:KNOWN])
        ]
        data = [
            IdentifyingData(None, {f: v for f, v in row.items() if f in FIELDS and v})
            for row in rows
        ]
        base = len(self.drawn["sex"]) + number * BATCH
        entries = self.index.entries([(_identity(base + n), 1, one) for n, one in enumerate(data)])
        tokens = np.stack(self.tokens(dict(zip(FIELDS, ids, strict=True))), axis=1).tolist()
        return [replace(one, tokens=tuple(of)) for one, of in zip(entries, tokens, strict=True)]

    def is_faithful(self) -> bool:
        """Whether the encodings put together are those that the encoder makes."""
        rows = range(0, len(self.drawn["sex"]), len(self.drawn["sex"]) // 50)
        for row in rows:
            ids = {field: int(self.drawn[field][row]) for field in FIELDS}
            values = {field: self.values[field][place] for field, place in ids.items()}
            data = IdentifyingData(None, {field: text for field, text in values.items() if text})
            (entry,) = self.index.entries([(_identity(0), 1, data)])
            put_together = np.bitwise_or.reduce([self._words[f][ids[f]] for f in FIELDS])
            same = np.array_equal(entry.words, put_together)
            if not same or self.index._records[row][2] != entry.comparable:
                return False
        return True


def _low(rows: NDArray[np.int32]) -> NDArray[np.uint64]:
    return rows.astype(np.uint64) * _MIX


def _identity(number: int) -> IdentityId:
    return IdentityId(UUID(int=number << 64 | (number * int(_MIX)) % (1 << 64)))


def main(records: int = RECORDS) -> dict[str, object]:
    """The figures of a stock of this size."""
    warm()
    index = CandidateIndex(secret=b"a secret of this run", population="local")
    made = Stock(index)
    made.fill(records)
    batches = [made.batch(number) for number in range(BATCHES + 1)]
    judged(index, batches[0])
    figures: dict[str, object] = {"records": records, "put together faithfully": made.is_faithful()}
    asked, found, weighed, wall, busy = 0, 0, 0, [], time.process_time()
    for batch in batches[1:]:
        begun = time.perf_counter()
        weighed += sum(map(len, judged(index, batch)))
        wall.append(time.perf_counter() - begun)
        asked += len(batch)
    busy = time.process_time() - busy
    retrieved = time.perf_counter()
    found = sum(map(len, index.candidates(batches[1])))
    retrieved = time.perf_counter() - retrieved
    figures["matched/s, batches of 256"] = asked / sum(wall)
    figures["CPU ms a record"] = busy / asked * 1e3
    figures["of it candidates, ms by the clock"] = retrieved / BATCH * 1e3
    figures["slowest batch, s"] = max(wall)
    figures["candidates a record"] = found / BATCH
    figures["possible or certain matches a record"] = weighed / asked
    single = []
    for entry in batches[1][-50:]:
        begun = time.perf_counter()
        judged(index, [entry])
        single.append(time.perf_counter() - begun)
    figures["one record, ms (median)"] = sorted(single)[25] * 1e3
    figures["index, bytes a record"] = index.nbytes / records
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures["peak memory of the process, GiB"] = peak
    index.close()
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--publish", action="store_true")
    wanted = parser.parse_args()
    results = main(wanted.records)
    for key, value in results.items():
        sys.stdout.write(
            f"{key}: {value:.4g}\n" if isinstance(value, float) else f"{key}: {value}\n"
        )
    if wanted.publish:
        command = f"python -m tests.benchmarks.bench_candidates --records {wanted.records}"
        publish(command, results)
