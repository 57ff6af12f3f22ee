"""Intervals: what counts allow to say about a share; a share without one is not reported."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """Successes among tries, with a 95 % Wilson score interval (Wilson 1927).

    Without tries nothing is known: 0 to 1.
    """

    right: int
    tries: int

    @property
    def value(self) -> float:
        """The share itself; 1.0, the worst, when nothing was tried."""
        return self.right / self.tries if self.tries else 1.0

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self._ends()[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self._ends()[1]

    def __add__(self, other: Share) -> Share:
        return Share(self.right + other.right, self.tries + other.tries)

    def document(self) -> dict[str, object]:
        """The share as JSON; `value` is null when nothing was tried."""
        return {
            "right": self.right,
            "tries": self.tries,
            "value": round(self.value, 6) if self.tries else None,
            "low": round(self.low, 6),
            "high": round(self.high, 6),
        }

    def _ends(self) -> tuple[float, float]:
        if not self.tries:
            return 0.0, 1.0
        n, share, z2 = self.tries, self.right / self.tries, _Z * _Z
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        low = 0.0 if self.right == 0 else max(middle - half, 0.0)
        return low, 1.0 if self.right == n else min(middle + half, 1.0)
