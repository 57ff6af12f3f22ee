"""Field encoders: values of one column to filter words.

Every distinct value is read once, every distinct token hashed once.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.encode.encoding_set import Words
from linkage.encode.engine import EncodingEngine
from linkage.encode.families import KeyScope, empty_filter, pack, positions_for
from linkage.encode.grams import gram_numbers, gram_of, is_short, numbered
from linkage.encode.readings import Readings
from linkage.encode.tokens import tokens_of
from linkage.encode.values import KnownValues
from linkage.normalize import Parts
from linkage.schema import Field, LinkageSchema, Ngrams

MOST_VALUES = 131_072


class WordRows:
    """A growing table of filters (rows, words)."""

    def __init__(self, bits: int) -> None:
        self.words: Words = np.zeros((64, bits // 64), dtype=np.uint64)
        self.count = 0

    def append(self, words: Words) -> range:
        """Add rows (n, words) at the end and give their numbers; rows there already never change."""
        end = self.count + len(words)
        if end > len(self.words):
            room = np.zeros((end, self.words.shape[1]), dtype=np.uint64)
            self.words = np.concatenate([self.words, room])
        self.words[self.count : end] = words
        added = range(self.count, end)
        self.count = end
        return added


class FieldEncoder:
    """Encodes one field.

    Knows at most some 131,072 distinct values and then starts anew, so that memory is bounded.
    """

    def __init__(
        self,
        field: Field,
        schema: LinkageSchema,
        *,
        secret: bytes,
        scope: KeyScope,
        engine: EncodingEngine,
    ) -> None:
        self.filter, self.column = field.filter, field.column
        self._field = field
        self._engine = engine
        self._bits = schema.hashed[field.filter]
        self._positions = positions_for(field, schema, secret=secret, scope=scope)
        self._values = KnownValues(field.column, self._learn)
        self._forget()

    def rows(self, readings: Readings, rows: slice) -> tuple[Words, NDArray[np.int32]]:
        """A table of filters and which of its rows each record has; row 0 is that of no token."""
        if len(self._values) > MOST_VALUES:
            self._forget()
        found = self._values.rows(readings, rows)
        return self._filters.words, found

    def _forget(self) -> None:
        self._values.forget()
        self._filters = WordRows(self._bits)
        self._masks = WordRows(self._bits)
        self._tokens: dict[tuple[str, int], int] = {}
        self._grams: NDArray[np.int32] | None = None
        for empty in (self._filters, self._masks):
            empty.append(np.zeros((1, self._bits // 64), dtype=np.uint64))

    def _learn(self, readings: Readings, codes: Sequence[int]) -> list[int]:
        """Encode new values together: OR the masks of each one's tokens."""
        read = readings.field_parts(self._field, codes)
        rows = [0] * len(read)
        short, long = self._sorted_by_length(read)
        for places, masks in ((short, self._masks_of_short), (long, self._masks_of_any)):
            if places:
                made = self._filters.append(self._joined(*masks([read[at] for at in places])))
                for at, row in zip(places, made, strict=True):
                    rows[at] = row
        return rows

    def _sorted_by_length(self, read: Sequence[Parts]) -> tuple[list[int], list[int]]:
        """Which values have grams that can be numbered, which have not; those without parts neither."""
        tokens = self._field.tokens
        fast = isinstance(tokens, Ngrams) and numbered(tokens) and self._field.bits_per_token
        short = [at for at, parts in enumerate(read) if fast and parts and is_short(parts)]
        chosen = set(short)
        return short, [at for at, parts in enumerate(read) if parts and at not in chosen]

    def _joined(self, masks: NDArray[np.int32], starts: NDArray[np.int64]) -> Words:
        words = np.empty((len(starts) - 1, self._bits // 64), dtype=np.uint64)
        self._engine.or_runs(words, self._masks.words, masks, starts)
        return words

    def _masks_of_short(
        self, values: Sequence[Parts]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        spec, bits = self._field.tokens, self._field.bits_per_token or 0
        if not isinstance(spec, Ngrams):
            raise TypeError("only n-grams are numbered")
        if self._grams is None:
            self._grams = np.full(numbered(spec), -1, dtype=np.int32)
        numbers, starts = gram_numbers(values, spec)
        for number in np.unique(numbers[self._grams[numbers] < 0]).tolist():
            self._grams[number] = self._mask(gram_of(number, spec), bits)
        return self._grams[numbers], starts

    def _masks_of_any(self, values: Sequence[Parts]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        masks: list[int] = []
        starts = [0]
        for parts in values:
            tokens = tokens_of(parts, self._field.tokens)
            masks.extend(map(self._mask, tokens, shares(self._field, len(tokens))))
            starts.append(len(masks))
        return np.array(masks, dtype=np.int32), np.array(starts, dtype=np.int64)

    def _mask(self, token: str, count: int) -> int:
        """Row of a token's mask; hashed when it is seen for the first time."""
        known = self._tokens.get((token, count))
        if known is None:
            bits = empty_filter(self._bits)
            bits[list(self._positions(token, count, self._bits))] = True
            known = self._tokens[token, count] = self._masks.append(pack(bits)[None])[0]
        return known


def shares(field: Field, tokens: int) -> list[int]:
    """Bits each token sets.

    A fixed number per field is shared out, the first ones get the rest.
    """
    if field.bits_per_token is not None or not tokens:
        return [field.bits_per_token or 0] * tokens
    each, rest = divmod(field.bits_per_field or 0, tokens)
    return [each + 1] * rest + [each] * (tokens - rest)
