"""Tokens: which rows bear a 64-bit token? Sorted runs that grow by merging, 12 bytes for each bearing.

A new token waits unsorted; then it is sorted into a run, and runs of like size are merged. So none is
moved more often than the logarithm of their number, and no merge takes longer than a run may grow.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.uint64]
Rows = NDArray[np.int32]

_WAITING: Final = 1 << 12
_LARGEST: Final = 1 << 22
"""Bearings of a run that is merged no further: merging them takes a tenth of a second."""
_RATIO: Final = 3


@dataclass(frozen=True, slots=True)
class _Run:
    """Bearings by token, then in the order in which they came."""

    tokens: Tokens
    rows: Rows

    def __len__(self) -> int:
        return len(self.tokens)

    def merged(self, younger: "_Run") -> "_Run":
        return _sorted(
            np.concatenate([self.tokens, younger.tokens]),
            np.concatenate([self.rows, younger.rows]),
        )

    def find(self, tokens: Tokens) -> tuple[NDArray[np.int64], Rows]:
        first = np.searchsorted(self.tokens, tokens, "left")
        counts = np.searchsorted(self.tokens, tokens, "right") - first
        places = np.repeat(np.arange(len(tokens)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        return places, self.rows[np.repeat(first, counts) + np.arange(len(places)) - before]


class TokenIndex:
    """The rows of every token; rows are never taken out, the caller knows which still count."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._tokens = np.empty(_WAITING, np.uint64)
        self._rows = np.empty(_WAITING, np.int32)
        self._waiting = 0

    def __len__(self) -> int:
        """Number of bearings."""
        return sum(map(len, self._runs)) + self._waiting

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        waiting = self._tokens.nbytes + self._rows.nbytes
        return waiting + sum(run.tokens.nbytes + run.rows.nbytes for run in self._runs)

    def add(self, tokens: Tokens, rows: Rows) -> None:
        """Note that each row bears the token at its place."""
        if self._waiting + len(tokens) > _WAITING:
            self._settle(tokens, rows)
            return
        place = slice(self._waiting, self._waiting + len(tokens))
        self._tokens[place], self._rows[place] = tokens, rows
        self._waiting = place.stop

    def rows_of(self, tokens: Tokens) -> tuple[NDArray[np.int64], Rows]:
        """Places in ``tokens`` and the rows that bear what stands there, by place, older rows first."""
        found = [run.find(tokens) for run in [*self._runs, self._unsettled()]]
        places = np.concatenate([one for one, _ in found])
        rows = np.concatenate([one for _, one in found])
        order = np.lexsort((rows, places))
        return places[order], rows[order]

    def _unsettled(self) -> _Run:
        return _sorted(self._tokens[: self._waiting], self._rows[: self._waiting])

    def _settle(self, tokens: Tokens, rows: Rows) -> None:
        """Make a run of what waits and of what comes; the youngest runs join it while they are not much larger."""
        run = _sorted(
            np.concatenate([self._tokens[: self._waiting], tokens]),
            np.concatenate([self._rows[: self._waiting], rows]),
        )
        self._waiting = 0
        while self._runs and self._joins(self._runs[-1], run):
            run = self._runs.pop().merged(run)
        self._runs.append(run)

    @staticmethod
    def _joins(older: _Run, run: _Run) -> bool:
        return len(older) < _RATIO * len(run) and len(older) + len(run) <= _LARGEST


def _sorted(tokens: Tokens, rows: Rows) -> _Run:
    order = np.argsort(tokens, kind="stable")
    return _Run(tokens[order], rows[order])
