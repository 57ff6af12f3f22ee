"""Field encoders: values of one column to filter words.

Every distinct value and token is hashed once.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.families import KeyScope, empty_filter, pack, positions_for
from linkage.encode.tokens import exact_value, tokens_of
from linkage.errors import RecordInvalid
from linkage.normalize import Unreadable, normalize
from linkage.records import RecordTable, RowProblem
from linkage.schema import ExactToken, Field, Kind, LinkageSchema

_MOST_VALUES = 65_536


class FieldEncoder:
    """Encodes one field; keeps words of at most 65,536 distinct values, then starts anew."""

    def __init__(
        self, field: Field, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
    ) -> None:
        self.filter = field.filter
        self._field = field
        self._profile = schema.normalization
        self._bits = schema.filters[field.filter]
        self._positions = positions_for(field, schema, secret=secret, scope=scope)
        self._tokens: dict[tuple[str, int], list[int]] = {}
        self._places: dict[str | None, int] = {}
        self._words: Words = np.zeros((64, self._bits // 64), dtype=np.uint64)

    def encode(self, table: RecordTable, rows: slice) -> Words:
        """Words (rows, words) of this field alone."""
        if len(self._places) > _MOST_VALUES:
            self._places.clear()
            self._tokens.clear()
        values = table.columns[self._field.column][rows]
        places = self._places
        for offset, value in enumerate(values):
            if value not in places:
                self._learn(value, table, rows.start + offset)
        return self._words[[places[value] for value in values]]

    def _learn(self, value: str | None, table: RecordTable, index: int) -> None:
        kind, column = self._field.kind, self._field.column
        place = len(self._places)
        if place == len(self._words):
            self._words = np.concatenate([self._words, np.zeros_like(self._words)])
        self._words[place] = self._filter(value, _reader(kind, self._profile, table, column, index))
        self._places[value] = place

    def _filter(self, value: str | None, read: Callable[[str | None], tuple[str, ...]]) -> Words:
        if not value and self._field.missing_as is not None:
            parts: tuple[str, ...] = (self._field.missing_as,)
        else:
            parts = read(value)
        tokens = tokens_of(parts, self._field.tokens)
        bits = empty_filter(self._bits)
        for token, count in zip(tokens, self._counts(len(tokens)), strict=True):
            bits[self._positions_of(token, count)] = True
        return pack(bits)

    def _counts(self, tokens: int) -> list[int]:
        """Bits each token sets.

        A fixed number per field is shared out, the first ones get the rest.
        """
        if self._field.bits_per_token is not None or not tokens:
            return [self._field.bits_per_token or 0] * tokens
        each, rest = divmod(self._field.bits_per_field or 0, tokens)
        return [each + 1] * rest + [each] * (tokens - rest)

    def _positions_of(self, token: str, count: int) -> list[int]:
        known = self._tokens.get((token, count))
        if known is None:
            known = list(self._positions(token, count, self._bits))
            self._tokens[token, count] = known
        return known


class TokenEncoder:
    """Encodes one exact token: 64 bits of HMAC-SHA-256 over its parts, never 0.

    0 where a part is missing.
    """

    def __init__(
        self, token: ExactToken, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
    ) -> None:
        info = digests.joined("exact key", scope.project, scope.schema, token.name)
        self.name = token.name
        self._parts = token.parts
        self._profile = schema.normalization
        self._key = digests.hkdf(secret=secret, info=info, length=32)

    def encode(self, table: RecordTable, rows: slice) -> NDArray[np.uint64]:
        """Tokens (rows,); a column the table lacks counts as missing."""
        columns = [
            self._values(table, part.column, rows, number)
            for number, part in enumerate(self._parts)
        ]
        made = [self._token(values) for values in zip(*columns, strict=True)]
        return np.array(made, dtype=np.uint64)

    def _values(self, table: RecordTable, column: str, rows: slice, number: int) -> list[str]:
        if column not in table.columns:
            return [""] * (rows.stop - rows.start)
        part = self._parts[number]
        return [
            exact_value(_reader(part.kind, self._profile, table, column, index)(value), part.take)
            for index, value in enumerate(table.columns[column][rows], start=rows.start)
        ]

    def _token(self, values: tuple[str, ...]) -> int:
        if not all(values):
            return 0
        digest = digests.mac(key=self._key, message=digests.joined(*values))
        return int.from_bytes(digest[:8], "little") or 1


def _reader(
    kind: Kind, profile: str, table: RecordTable, column: str, index: int
) -> Callable[[str | None], tuple[str, ...]]:
    """Normalization that names the row, never the value, when it fails."""

    def read(value: str | None) -> tuple[str, ...]:
        try:
            return normalize(value, kind=kind, profile=profile)
        except Unreadable as error:
            problem = RowProblem(table.row_numbers[index], column, error.code)
            raise RecordInvalid(table.source, [problem]) from None

    return read
