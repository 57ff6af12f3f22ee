"""Salts: per record and salted view a token and a key, both secret functions of the salt alone.

Each value that enters becomes 128 bits of HMAC-SHA-256; SipHash-2-4 (Aumasson and Bernstein 2012) of
these under the view's key gives the token, and under other first words the two halves of the key. Both
are pseudorandom functions: without the secret, token and key tell nothing about the salt or each other.
"""

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.engine import EncodingEngine
from linkage.encode.families import KeyScope
from linkage.encode.readings import Readings, distinct
from linkage.encode.tokens import exact_value
from linkage.schema import As, ExactPart, Part, SaltedView

_MOST_DIGESTS = 1 << 18


class SaltDigests:
    """Digests of the values that enter salts, each computed once; memory is bounded."""

    def __init__(self, *, secret: bytes, scope: KeyScope) -> None:
        info = digests.joined("salt part key", scope.project, scope.schema)
        self._key = digests.hkdf(secret=secret, info=info, length=32)
        self._known: dict[tuple[As, str], tuple[int, int]] = {}

    def table(self, readings: Readings, part: ExactPart) -> Words:
        """Digests (codes, 2) of all values of a column as they enter; both words 0 where missing."""
        if len(self._known) > _MOST_DIGESTS:
            self._known = {}
        coded = readings.coded(part.column)
        made = np.zeros((len(coded.values), 2), dtype=np.uint64)
        codes = distinct(coded.codes)
        if codes:
            made[codes] = [
                self._digest(part.take, exact_value(one, part))
                for one in readings.parts(part.column, codes)
            ]
        return made

    def _digest(self, take: As, value: str) -> tuple[int, int]:
        if not value:
            return 0, 0
        known = self._known.get((take, value))
        if known is None:
            raw = digests.mac(key=self._key, message=digests.joined(take, value))
            known = int.from_bytes(raw[:8], "little") or 1, int.from_bytes(raw[8:16], "little")
            self._known[take, value] = known
        return known


class SaltReader:
    """The salts of one table: their words per record, out of tables that are made once."""

    def __init__(self, made: SaltDigests, readings: Readings) -> None:
        self._made = made
        self._readings = readings
        self._tables: dict[tuple[str, As], Words] = {}

    def words(self, view: SaltedView, rows: slice) -> tuple[Words, NDArray[np.bool_]]:
        """Words (rows, 1 + 2 per column) with the first left 0, and where no part is missing."""
        columns = [self._part(part, rows) for part in view.salt]
        whole = np.all([np.all(one.any(axis=2), axis=1) for one in columns], axis=0)
        flat = [one.reshape(len(one), -1) for one in columns]
        first = np.zeros((rows.stop - rows.start, 1), dtype=np.uint64)
        return np.ascontiguousarray(np.concatenate([first, *flat], axis=1)), whole

    def _part(self, part: Part, rows: slice) -> Words:
        """Digests (rows, columns, 2) of one part; sorted where the order does not count."""
        if isinstance(part, ExactPart):
            return self._column(part, rows)[:, None]
        both = np.stack([self._column(one, rows) for one in part.parts], axis=1)
        order = np.argsort(both[:, :, 0], axis=1, kind="stable")
        return np.take_along_axis(both, order[:, :, None], axis=1)

    def _column(self, part: ExactPart, rows: slice) -> Words:
        at = (part.column, part.take)
        if at not in self._tables:
            self._tables[at] = self._made.table(self._readings, part)
        return self._tables[at][self._readings.codes(part.column, rows)]


class SaltKeys:
    """Token and record key of one salted view."""

    def __init__(
        self, view: SaltedView, *, secret: bytes, scope: KeyScope, engine: EncodingEngine
    ) -> None:
        info = digests.joined("salt key", scope.project, scope.schema, view.name)
        halves = digests.hkdf(secret=secret, info=info, length=16)
        self.view = view
        self._key = tuple(np.frombuffer(halves, dtype="<u8").astype(np.uint64))
        self._engine = engine

    def tokens(self, salts: SaltReader, rows: slice) -> Words:
        """Tokens (rows,), never 0 but where a part of the salt is missing."""
        words, whole = salts.words(self.view, rows)
        tokens = np.maximum(self._hashed(words, 0), np.uint64(1))
        tokens[~whole] = 0
        return tokens

    def record_keys(self, salts: SaltReader, rows: slice) -> Words:
        """Keys (rows, 2)."""
        words, _ = salts.words(self.view, rows)
        return np.stack([self._hashed(words, 1), self._hashed(words, 2)], axis=1)

    def _hashed(self, words: Words, purpose: int) -> Words:
        words[:, 0] = purpose
        out = np.empty(len(words), dtype=np.uint64)
        self._engine.siphash(self._key[0], self._key[1], words, out)
        return out
