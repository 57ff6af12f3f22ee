"""Field encoders: values of one column to filter words.

Every distinct value and token is hashed once.
"""

from collections.abc import Callable

import numpy as np

from linkage.encode.encoding_set import Words
from linkage.encode.families import KeyScope, empty_filter, pack, positions_for
from linkage.encode.tokens import tokens_of
from linkage.errors import RecordInvalid
from linkage.normalize import Unreadable, normalize
from linkage.records import RecordTable, RowProblem
from linkage.schema import Field, Kind, LinkageSchema

_MOST_VALUES = 65_536


class _Rows:
    """A growing table of filters (rows, words)."""

    def __init__(self, bits: int) -> None:
        self._words: Words = np.zeros((64, bits // 64), dtype=np.uint64)
        self.count = 0

    def append(self, words: Words) -> None:
        """Add rows (n, words) at the end."""
        end = self.count + len(words)
        if end > len(self._words):
            room = np.zeros((end, self._words.shape[1]), dtype=np.uint64)
            self._words = np.concatenate([self._words, room])
        self._words[self.count : end] = words
        self.count = end

    def take(self, rows: list[int]) -> Words:
        """The rows asked for, in order."""
        return self._words[rows]


class FieldEncoder:
    """Encodes one field; every distinct value is read once, every distinct token hashed once.

    Knows at most some 65,536 distinct values and then starts anew, so that memory is bounded.
    """

    def __init__(
        self, field: Field, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
    ) -> None:
        self.filter, self.column = field.filter, field.column
        self._field = field
        self._profile = schema.normalization
        self._bits = schema.filters[field.filter]
        self._positions = positions_for(field, schema, secret=secret, scope=scope)
        self._forget()

    def encode(self, table: RecordTable, rows: slice) -> Words:
        """Words (rows, words) of this field alone."""
        if len(self._values) > _MOST_VALUES:
            self._forget()
        values = table.columns[self._field.column][rows]
        known = self._values
        first = {
            value: rows.start + offset
            for offset, value in reversed(list(enumerate(values)))
            if value not in known
        }
        if first:
            self._learn(first, table)
        return self._filters.take([known[value] for value in values])

    def _forget(self) -> None:
        self._values: dict[str | None, int] = {}
        self._filters = _Rows(self._bits)
        self._tokens: dict[tuple[str, int], int] = {}
        self._masks = _Rows(self._bits)
        self._masks.append(np.zeros((1, self._bits // 64), dtype=np.uint64))

    def _learn(self, first: dict[str | None, int], table: RecordTable) -> None:
        """Encode new values together: OR the masks of each one's tokens (row 0 is the empty mask)."""
        masks: list[int] = []
        starts: list[int] = []
        for value, index in first.items():
            tokens = self._tokens_of(value, table, index)
            starts.append(len(masks))
            masks.append(0)
            masks.extend(map(self._mask, tokens, self._counts(len(tokens))))
        filters = np.bitwise_or.reduceat(self._masks.take(masks), starts, axis=0)
        self._values |= {value: self._filters.count + place for place, value in enumerate(first)}
        self._filters.append(filters)

    def _tokens_of(self, value: str | None, table: RecordTable, index: int) -> tuple[str, ...]:
        if not value and self._field.missing_as is not None:
            return tokens_of((self._field.missing_as,), self._field.tokens)
        read = reader(self._field.kind, self._profile, table, self._field.column, index)
        return tokens_of(read(value), self._field.tokens)

    def _counts(self, tokens: int) -> list[int]:
        """Bits each token sets.

        A fixed number per field is shared out, the first ones get the rest.
        """
        if self._field.bits_per_token is not None or not tokens:
            return [self._field.bits_per_token or 0] * tokens
        each, rest = divmod(self._field.bits_per_field or 0, tokens)
        return [each + 1] * rest + [each] * (tokens - rest)

    def _mask(self, token: str, count: int) -> int:
        """Row of a token's mask; hashed when it is seen for the first time."""
        known = self._tokens.get((token, count))
        if known is not None:
            return known
        bits = empty_filter(self._bits)
        bits[list(self._positions(token, count, self._bits))] = True
        self._tokens[token, count] = self._masks.count
        self._masks.append(pack(bits)[None])
        return self._masks.count - 1


def reader(
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
