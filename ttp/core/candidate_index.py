"""The candidate index: who could a record be? Exact by encoding and by shared token, in memory only.

One index per process and population. What it holds can always be rebuilt from the database, which alone is true. It
is asked under the population's lock; only what is committed is added, from wherever it was read. A record takes some
four hundred bytes.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import RLock

import numpy as np

from linkage.clear import internal_schema
from linkage.digests import mac
from linkage.encode import Encoder, EncodingSet, Words
from linkage.index import GrowingIndex, TokenIndex
from linkage.kernel import pairs_above
from linkage.records import table_of
from ttp.core.errors import Unavailable
from ttp.core.identifying_data import IdentifyingData
from ttp.core.indexed_records import IndexedRecords
from ttp.core.matching import (
    MOST_CANDIDATES,
    RETRIEVE_AT,
    Bearers,
    Comparable,
    comparable,
    shipped_model,
)
from ttp.core.names import IdentityId

_LARGEST_GROUP = 1000
"""Rows sharing one token; a token of more says nothing about identity."""
_PART = 64
"""Queries searched at once, while those before are weighed."""


class IndexLoading(Unavailable):
    """The candidate index is being read from the database; nobody is registered until that is done, soon."""

    code = "index-loading"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a record could be."""

    identity: IdentityId
    version: int
    comparable: Comparable


@dataclass(frozen=True, slots=True)
class Entry(Candidate):
    """A record as it enters the index: its encoding, and 64-bit tokens that records of one person may share."""

    words: Words
    tokens: tuple[int, ...]


class CandidateIndex:
    """All present records of one population; rows are added, outdated ones are marked dead."""

    def __init__(self, *, secret: bytes, population: str, threads: int | None = None) -> None:
        self.mark = 0
        self.bearers = Bearers()
        self.model = shipped_model()
        self._turn = RLock()
        self._secret = mac(key=secret, message=b"tokens of identifiers")
        self._encoder = Encoder(internal_schema(), secret=secret, project=population)
        self._records = IndexedRecords()
        self._by_token = TokenIndex()
        self._by_encoding = GrowingIndex(
            words=_width(self._encoder), threshold=RETRIEVE_AT, threads=threads
        )
        self._searches = ThreadPoolExecutor(1, "searching")
        self._transaction: weakref.ref[object] | None = None
        self._pending: dict[bytes, Entry] = {}
        self._settled: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        """Number of identities."""
        return len(self._records)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays; names and places, which are held once, are not counted."""
        return self._records.nbytes + self._by_token.nbytes + self._by_encoding.nbytes

    def entries(self, records: Sequence[tuple[IdentityId, int, IdentifyingData]]) -> list[Entry]:
        """Encode and prepare records (identity, version, data) without adding them."""
        if not records:
            return []
        prepared = [comparable(data) for _, _, data in records]
        rows = [
            _readable(one, data) | {"record_id": str(place)}
            for place, (one, (_, _, data)) in enumerate(zip(prepared, records, strict=True))
        ]
        encoded = self._encoder.encode(table_of("", rows))
        return [
            Entry(
                identity,
                version,
                prepared[place],
                encoded.record_filters[place],
                tuple(self._tokens(encoded, place, data)),
            )
            for place, (identity, version, data) in enumerate(records)
        ]

    def begin(self, transaction: object) -> bool:
        """Note which transaction works with the index; False if it is the same one as before.

        A transaction sees its own writes, which may yet be rolled back: they never enter the index before
        another transaction has read them.
        """
        same = self._transaction is not None and self._transaction() is transaction
        if not same:
            self._transaction = weakref.ref(transaction)
            self._settled, self._pending = self._pending, {}
        return not same

    def remember(self, entries: Mapping[bytes, Entry]) -> None:
        """Keep what this transaction writes, by envelope: it meets its own later records.

        Once committed it need not be opened and encoded again; the envelope tells it from what others write.
        """
        self._pending.update(entries)

    def remembered(self, envelope: bytes) -> Entry | None:
        """A record as the transaction before wrote it."""
        return self._settled.get(envelope)

    def follow(
        self,
        entries: Sequence[Entry],
        *,
        gone: Sequence[IdentityId] = (),
        since: int,
        until: int,
    ) -> bool:
        """Take over what was committed after position ``since`` up to ``until``; False if it did so already.

        Several threads may read ahead: each block enters once, and in order.
        """
        with self._turn:
            if self.mark != since:
                return False
            self.forget(gone)
            self.add(entries)
            self.mark = until
            return True

    def add(self, entries: Sequence[Entry]) -> None:
        """Add committed records; a newer version of an identity takes the place of the older."""
        if not entries:
            return
        with self._turn:
            rows = self._records.add(
                [one.identity for one in entries],
                [one.version for one in entries],
                [one.comparable for one in entries],
            )
            tokens = [token for one in entries for token in one.tokens]
            bearing = np.repeat(rows, [len(one.tokens) for one in entries])
            self._by_token.add(np.array(tokens, np.uint64), bearing)
            words = np.stack([one.words for one in entries])
            self._by_encoding.add(words, rows, self._records.alive)
            for one in entries:
                self.bearers.count(one.comparable)

    def forget(self, identities: Sequence[IdentityId]) -> None:
        """No longer know these: they are inactive or deleted."""
        with self._turn:
            self._records.forget(identities)

    def candidates(self, queries: Sequence[Entry]) -> list[list[Candidate]]:
        """For each query the records it could be, itself excepted: at most 200, the likeliest kept.

        All with Dice at or above ``RETRIEVE_AT``, and all that share a token; among the index, what this
        transaction wrote before, and the queries that come earlier.
        """
        return list(self.each_candidates(queries))

    def each_candidates(self, queries: Sequence[Entry]) -> Iterator[list[Candidate]]:
        """As `candidates`, one query after the other; while the caller weighs some, the next are looked for.

        Nothing enters the index until the last was taken or the iterator is closed.
        """
        if not queries:
            return
        words = np.stack([query.words for query in queries])
        unwritten = self._among_themselves(queries, words)
        with self._turn:
            found = self._sharing(queries)
            for part, pairs in self._ahead(words):
                for place, row, dice in pairs:
                    found[part.start + place].setdefault(row, dice)
                for place in range(part.start, part.stop):
                    yield self._chosen(queries[place], found[place], unwritten[place])

    def close(self) -> None:
        """End its threads; the memory goes with it."""
        self._searches.shutdown()
        self._by_encoding.close()

    def _tokens(self, encoded: EncodingSet, place: int, data: IdentifyingData) -> Iterator[int]:
        for values in encoded.exact.values():
            if value := int(values[place]):
                yield value
        for identifier in data.identifiers:
            yield int.from_bytes(mac(key=self._secret, message=identifier.key())[:8])

    def _among_themselves(self, queries: Sequence[Entry], words: Words) -> list[list[Entry]]:
        """What is not in the index yet: pending entries and earlier queries."""
        pending = list(self._pending.values())
        fresh = [*pending, *queries]
        by_token: dict[int, list[int]] = defaultdict(list)
        found: list[set[int]] = []
        for row, entry in enumerate(fresh):
            if row >= len(pending):
                found.append({other for token in entry.tokens for other in by_token[token]})
            for token in entry.tokens:
                by_token[token].append(row)
        everything = np.stack([one.words for one in fresh])
        pairs = pairs_above(words, everything, RETRIEVE_AT)
        for place, row in zip(pairs.rows_a.tolist(), pairs.rows_b.tolist(), strict=True):
            if row < len(pending) + place:
                found[place].add(row)
        return [[fresh[row] for row in sorted(rows)] for rows in found]

    def _sharing(self, queries: Sequence[Entry]) -> list[dict[int, float]]:
        """Rows that share a token count as a likeness of 1: they are kept before all others."""
        tokens = np.array([token for one in queries for token in one.tokens], np.uint64)
        places, rows = self._by_token.rows_of(tokens)
        counting = self._records.alive[rows]
        places, rows = places[counting], rows[counting]
        few = np.bincount(places, minlength=len(tokens))[places] <= _LARGEST_GROUP
        of_query = np.repeat(np.arange(len(queries)), [len(one.tokens) for one in queries])
        found: list[dict[int, float]] = [{} for _ in queries]
        for query, row in zip(of_query[places[few]].tolist(), rows[few].tolist(), strict=True):
            found[query][row] = 1.0
        return found

    def _ahead(self, words: Words) -> Iterator[tuple[range, Iterator[tuple[int, int, float]]]]:
        """The parts of a batch with their pairs; the next part is searched while one is worked on."""
        starts = range(0, len(words), _PART)
        parts = [range(start, min(start + _PART, len(words))) for start in starts]
        coming = self._searches.submit(self._alike, words[parts[0].start : parts[0].stop])
        for part, after in zip(parts, [*parts[1:], None], strict=True):
            pairs = coming.result()
            if after is not None:
                coming = self._searches.submit(self._alike, words[after.start : after.stop])
            yield part, pairs

    def _alike(self, queries: Words) -> Iterator[tuple[int, int, float]]:
        """Query, row and Dice; one more than is kept, as a query may find itself."""
        alive = self._records.alive
        found = self._by_encoding.search(queries, alive, most=MOST_CANDIDATES + 1)
        columns = found.queries.tolist(), found.rows.tolist(), found.scores.tolist()
        return zip(*columns, strict=True)

    def _chosen(
        self, query: Entry, rows: Mapping[int, float], fresh: Iterable[Entry]
    ) -> list[Candidate]:
        likeliest = sorted(rows, key=lambda row: (-rows[row], row))[: MOST_CANDIDATES + 1]
        known = [Candidate(*self._records[row]) for row in likeliest]
        others = [one for one in [*fresh, *known] if one.identity != query.identity]
        return others[:MOST_CANDIDATES]


_COLUMNS = tuple(internal_schema().columns)


def _readable(prepared: Comparable, data: IdentifyingData) -> dict[str, str | None]:
    """The columns of the encoding as they were given; what normalization could not read is missing."""
    record = prepared.variants[0]
    return {name: data.fields.get(name) if getattr(record, name) else None for name in _COLUMNS}


def _width(encoder: Encoder) -> int:
    return next(iter(encoder.schema.filters.values())) // 64
