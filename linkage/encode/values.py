"""Values an encoder has met: each is learned once and then found by its code; memory is bounded."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.encode.readings import Readings, distinct

Learn = Callable[[Readings, Sequence[int]], Sequence[int]]
"""(readings, codes of new values) → a row of the encoder's cache for each."""


class KnownValues:
    """Which row of a cache belongs to each value of one column, over any number of tables."""

    def __init__(self, column: str, learn: Learn) -> None:
        self.column = column
        self._learn = learn
        self._rows: dict[str | None, int] = {}
        self._generation = 0

    def __len__(self) -> int:
        return len(self._rows)

    def forget(self) -> None:
        """Start anew, as the cache does."""
        self._rows = {}
        self._generation += 1

    def rows(self, readings: Readings, rows: slice) -> NDArray[np.int32]:
        """The row of the cache for each record's value, new values learned.

        Raises:
            RecordInvalid: a new value cannot be read.
        """
        codes = readings.codes(self.column, rows)
        known = readings.memory(self, self.column, self._generation)
        found = known[codes]
        missing = found < 0
        if missing.any():
            new = distinct(codes[missing])
            self._meet(readings, new)
            values = readings.coded(self.column).values
            known[new] = [self._rows[values[code]] for code in new]
            found = known[codes]
        return found

    def _meet(self, readings: Readings, codes: list[int]) -> None:
        values = readings.coded(self.column).values
        strange = {values[code]: code for code in codes if values[code] not in self._rows}
        if strange:
            learned = self._learn(readings, list(strange.values()))
            self._rows |= dict(zip(strange, learned, strict=True))
