"""Salted views: content hashed under a key of each record, comparable only where the salt is equal.

The token of every bit of content goes through SipHash-2-4 under the record's key, so that two records
with different salts have nothing in common, not even for equal names.
"""

from collections.abc import Mapping
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from linkage.encode.content import Content
from linkage.encode.encoding_set import Words
from linkage.encode.engine import EncodingEngine
from linkage.encode.families import KeyScope
from linkage.encode.readings import Readings
from linkage.encode.salts import SaltDigests, SaltKeys, SaltReader
from linkage.schema import LinkageSchema


class SaltedEncoder:
    """Tokens and filters of all salted views of a schema."""

    def __init__(
        self, schema: LinkageSchema, *, secret: bytes, scope: KeyScope, engine: EncodingEngine
    ) -> None:
        self._schema = schema
        self._engine = engine
        self._digests = SaltDigests(secret=secret, scope=scope)
        self._keys = [
            SaltKeys(view, secret=secret, scope=scope, engine=engine) for view in schema.salted
        ]
        self._content = Content(schema, secret=secret, scope=scope)
        self._shape = _shape(schema)

    def salts(self, readings: Readings) -> SaltReader:
        """The salts of a table."""
        return SaltReader(self._digests, readings)

    def tokens(self, salts: SaltReader, rows: slice) -> dict[str, Words]:
        """The token (rows,) of each view; 0 where a part of its salt is missing."""
        return {keys.view.name: keys.tokens(salts, rows) for keys in self._keys}

    def encode(
        self,
        readings: Readings,
        salts: SaltReader,
        rows: slice,
        *,
        tokens: Mapping[str, Words],
        lock: Lock,
    ) -> dict[str, Words]:
        """Words (rows, words) of each filter; zero where the view's token (rows,) is 0."""
        keys = np.stack([one.record_keys(salts, rows) for one in self._keys])
        for place, one in enumerate(self._keys):
            keys[place][tokens[one.view.name] == 0] = 0
        with lock:
            values, cached = self._content.rows(readings, rows)
        widths = [bits // 64 for bits in self._schema.filters.values()]
        out = np.zeros((rows.stop - rows.start, sum(widths)), dtype=np.uint64)
        self._engine.fill_salted(out, keys, self._content.fields, values, cached, self._shape)
        ends = np.cumsum(widths)[:-1]
        return dict(zip(self._schema.filters, np.split(out, ends, axis=1), strict=True))


def _shape(schema: LinkageSchema) -> tuple[NDArray[np.int64], Words, NDArray[np.int64]]:
    """(words, bits of a position) per block, and where each view holds each block (-1: nowhere)."""
    widths = np.array([block.bits // 64 for block in schema.blocks], dtype=np.int64)
    shifts = np.array([block.bits.bit_length() - 1 for block in schema.blocks], dtype=np.uint64)
    places = np.full((len(schema.salted), len(schema.blocks)), -1, dtype=np.int64)
    number = {block.name: place for place, block in enumerate(schema.blocks)}
    at = 0
    for view, one in enumerate(schema.salted):
        for block in one.blocks:
            places[view, number[block]] = at
            at += widths[number[block]]
    return widths, shifts, places
