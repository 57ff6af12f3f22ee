"""The candidate index: who could a record be? Exact by encoding and by shared token, in memory only.

One index per process and population. It is used under the population's lock alone, so it needs none itself;
what it holds can always be rebuilt from the database, which alone is true.
"""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from linkage.clear import internal_schema
from linkage.encode import Encoder, EncodingSet, Words
from linkage.kernel import Index, PairTable, best_matches, build_index, pairs_above
from linkage.records import table_of
from ttp.core.identifying_data import IdentifyingData, readable
from ttp.core.matching import MOST_CANDIDATES, RETRIEVE_AT, Comparable, comparable
from ttp.core.names import IdentityId

Token = tuple[str, int | bytes]

_SMALLEST_REBUILD = 4096
_REBUILD_SHARE = 4
_LARGEST_GROUP = 1000
"""Rows sharing one token; a token of more says nothing about identity."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the index holds it."""

    identity: IdentityId
    version: int
    words: Words
    tokens: tuple[Token, ...]
    comparable: Comparable


class CandidateIndex:
    """All present records of one population; rows are added, outdated ones are marked dead."""

    def __init__(self, *, secret: bytes, population: str) -> None:
        self.mark = 0
        self.bearers: Counter[str] = Counter()
        self._encoder = Encoder(internal_schema(), secret=secret, project=population)
        self._entries: list[Entry] = []
        self._alive: list[bool] = []
        self._rows: dict[IdentityId, int] = {}
        self._by_token: dict[Token, list[int]] = defaultdict(list)
        self._words: Words = np.zeros((1024, _width(self._encoder)), dtype=np.uint64)
        self._laid_out: Index | None = None
        self._transaction: weakref.ref[object] | None = None
        self._pending: dict[bytes, Entry] = {}
        self._settled: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        """Number of identities."""
        return len(self._rows)

    def entries(self, records: Sequence[tuple[IdentityId, int, IdentifyingData]]) -> list[Entry]:
        """Encode and prepare records (identity, version, data) without adding them."""
        if not records:
            return []
        rows = [
            readable(data) | {"record_id": str(place)} for place, (_, _, data) in enumerate(records)
        ]
        encoded = self._encoder.encode(table_of("", [dict(_EMPTY) | row for row in rows]))
        return [
            Entry(
                identity,
                version,
                encoded.record_filters[place],
                tuple(_tokens(encoded, place, data)),
                comparable(data),
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

    def add(self, entries: Sequence[Entry]) -> None:
        """Add committed records; a newer version of an identity takes the place of the older."""
        for entry in entries:
            row = len(self._entries)
            if row == len(self._words):
                self._words = np.concatenate([self._words, np.zeros_like(self._words)])
            self._words[row] = entry.words
            self._entries.append(entry)
            self._alive.append(True)
            if (old := self._rows.get(entry.identity)) is not None:
                self._alive[old] = False
            self._rows[entry.identity] = row
            for token in entry.tokens:
                self._by_token[token].append(row)
            self.bearers[entry.comparable.given_name] += 1

    def candidates(self, queries: Sequence[Entry]) -> list[list[Entry]]:
        """For each query the records it could be, itself excepted: at most 200, the likeliest kept.

        All with Dice at or above ``RETRIEVE_AT``, and all that share a token; among the index, what this
        transaction wrote before, and the queries that come earlier.
        """
        if not queries:
            return []
        words = np.stack([query.words for query in queries])
        found: list[dict[int, float]] = [self._sharing(query) for query in queries]
        for place, row, dice in self._alike(words):
            found[place].setdefault(row, dice)
        unwritten = self._among_themselves(queries, words)
        return [
            self._chosen(query, rows, fresh)
            for query, rows, fresh in zip(queries, found, unwritten, strict=True)
        ]

    def _among_themselves(self, queries: Sequence[Entry], words: Words) -> list[list[Entry]]:
        """What is not in the index yet: pending entries and earlier queries."""
        pending = list(self._pending.values())
        fresh = [*pending, *queries]
        by_token: dict[Token, list[int]] = defaultdict(list)
        found: list[set[int]] = []
        for row, entry in enumerate(fresh):
            if row >= len(pending):
                found.append({other for token in entry.tokens for other in by_token[token]})
            for token in entry.tokens:
                by_token[token].append(row)
        everything = (
            np.concatenate([np.stack([one.words for one in pending]), words]) if pending else words
        )
        for place, row, _ in _listed(pairs_above(words, everything, RETRIEVE_AT), 0):
            if row < len(pending) + place:
                found[place].add(row)
        return [[fresh[row] for row in sorted(rows)] for rows in found]

    def _sharing(self, query: Entry) -> dict[int, float]:
        """Rows that share a token count as a likeness of 1: they are kept before all others."""
        groups = (self._by_token.get(token, ()) for token in query.tokens)
        return {row: 1.0 for rows in groups if len(rows) <= _LARGEST_GROUP for row in rows}

    def _alike(self, queries: Words) -> Iterator[tuple[int, int, float]]:
        self._lay_out()
        done = 0
        if self._laid_out is not None:
            done = len(self._laid_out)
            yield from _listed(best_matches(queries, self._laid_out, most=MOST_CANDIDATES), 0)
        tail = self._words[done : len(self._entries)]
        if len(tail):
            yield from _listed(pairs_above(queries, tail, RETRIEVE_AT), done)

    def _lay_out(self) -> None:
        """Lay the rows out anew when those added since have become many."""
        done = len(self._laid_out) if self._laid_out is not None else 0
        tail = len(self._entries) - done
        if tail > max(_SMALLEST_REBUILD, done // _REBUILD_SHARE):
            self._laid_out = build_index(self._words[: len(self._entries)].copy(), RETRIEVE_AT)

    def _chosen(
        self, query: Entry, rows: Mapping[int, float], fresh: Sequence[Entry]
    ) -> list[Entry]:
        likeliest = sorted(rows, key=lambda row: (-rows[row], row))
        alive = [self._entries[row] for row in likeliest if self._alive[row]]
        return [one for one in [*fresh, *alive] if one.identity != query.identity][:MOST_CANDIDATES]


_EMPTY: Mapping[str, None] = dict.fromkeys(internal_schema().columns)


def _width(encoder: Encoder) -> int:
    return next(iter(encoder.schema.filters.values())) // 64


def _tokens(encoded: EncodingSet, place: int, data: IdentifyingData) -> Iterator[Token]:
    for name, values in encoded.exact.items():
        if value := int(values[place]):
            yield name, value
    for identifier in data.identifiers:
        yield "identifier", identifier.key()


def _listed(pairs: PairTable, offset: int) -> Iterator[tuple[int, int, float]]:
    rows = (pairs.rows_a.tolist(), (pairs.rows_b + offset).tolist(), pairs.score.tolist())
    return zip(*rows, strict=True)
