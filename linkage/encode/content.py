"""Content of salted views: a keyed 64-bit hash of every token of every value, each made once.

A fixed number of bits per field is drawn whatever the number of tokens is: repeated tokens of a value
count once, and bits are drawn with replacement, so that the fill of a filter does not tell lengths.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.families import KeyScope, token_key
from linkage.encode.readings import Readings
from linkage.encode.tokens import tokens_of
from linkage.encode.values import KnownValues, Learn
from linkage.schema import Field, LinkageSchema

_MOST_VALUES = 131_072
Cached = tuple[NDArray[np.int64], Words]
"""Where each row's hashes start (one entry more than rows), and all hashes."""


class TokenRuns:
    """Runs of token hashes behind one another; what is there never changes."""

    def __init__(self) -> None:
        self._starts = np.zeros(64, dtype=np.int64)
        self._hashes: Words = np.zeros(256, dtype=np.uint64)
        self._rows = 0
        self.append([])

    def append(self, hashes: Sequence[int]) -> int:
        """Add one run and give its row."""
        start = int(self._starts[self._rows])
        stop, row = start + len(hashes), self._rows
        if stop > len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros(stop, dtype=np.uint64)])
        if row + 1 >= len(self._starts):
            self._starts = np.concatenate([self._starts, np.zeros_like(self._starts)])
        self._hashes[start:stop] = hashes
        self._starts[row + 1] = stop
        self._rows += 1
        return row

    def arrays(self) -> Cached:
        """All runs."""
        return self._starts, self._hashes


class Content:
    """The fields of all blocks: for each, which run of token hashes a record's value has."""

    def __init__(self, schema: LinkageSchema, *, secret: bytes, scope: KeyScope) -> None:
        number = {block.name: place for place, block in enumerate(schema.blocks)}
        shifts = [block.bits.bit_length() - 1 for block in schema.blocks]
        salted = [field for field in schema.fields if field.filter in number]
        chosen = sorted(salted, key=lambda field: number[field.filter])
        self.fields = np.array(
            [_numbers(field, number[field.filter], shifts) for field in chosen], dtype=np.int64
        )
        self._values = [
            KnownValues(field.column, self._learner(field, secret=secret, scope=scope))
            for field in chosen
        ]
        self._runs = TokenRuns()

    def rows(self, readings: Readings, rows: slice) -> tuple[NDArray[np.int32], Cached]:
        """For each field and record (fields, rows) a run, and the runs.

        Knows some 131,072 values per field at most and then starts anew.
        """
        if sum(map(len, self._values)) > _MOST_VALUES * len(self._values):
            self._runs = TokenRuns()
            for values in self._values:
                values.forget()
        found = np.stack([values.rows(readings, rows) for values in self._values])
        return found, self._runs.arrays()

    def _learner(self, field: Field, *, secret: bytes, scope: KeyScope) -> Learn:
        key = token_key(field, secret=secret, scope=scope)
        known: dict[str, int] = {}

        def hashed(token: str) -> int:
            if token not in known:
                if len(known) > _MOST_VALUES:
                    known.clear()
                known[token] = int.from_bytes(
                    digests.mac(key=key, message=token.encode())[:8], "little"
                )
            return known[token]

        def learn(readings: Readings, codes: Sequence[int]) -> list[int]:
            return [
                self._runs.append(list(map(hashed, dict.fromkeys(tokens_of(parts, field.tokens)))))
                if parts
                else 0
                for parts in readings.field_parts(field, codes)
            ]

        return learn


def _numbers(field: Field, block: int, shifts: Sequence[int]) -> tuple[int, int, int, int]:
    """Block, bits per token, bits per field, and how many positions 64 bits give."""
    return block, field.bits_per_token or 0, field.bits_per_field or 0, 64 // shifts[block]
