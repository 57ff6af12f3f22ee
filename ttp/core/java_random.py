"""Java's random numbers: the generator of ``java.util.Random``, bit by bit, for dates that it has shifted before.

A linear congruential generator of 48 bits (documentation of ``java.util.Random``, Java SE). It is predictable: nothing
new is to be made with it.
"""

from __future__ import annotations

_MULTIPLIER = 0x5DEECE66D
_MASK = (1 << 48) - 1


class JavaRandom:
    """The generator with a seed, which is a signed number of 64 bits."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def next_int(self) -> int:
        """The next signed number of 32 bits (``nextInt()``)."""
        return self._next()

    def next_long(self) -> int:
        """The next signed number of 64 bits (``nextLong()``)."""
        high = self._next()
        return _signed((high << 32) + self._next(), 64)

    def next_long_between(self, origin: int, bound: int) -> int:
        """The next number from ``origin`` up to, not including, ``bound`` (``nextLong(long, long)``, Java 17).

        Raises:
            ValueError: there is no number between, or the range does not fit 63 bits.
        """
        span = bound - origin
        if not 0 < span < 1 << 63:
            raise ValueError("the range of a draw is empty or too wide")
        drawn = self.next_long()
        if span & (span - 1) == 0:
            return (drawn & (span - 1)) + origin
        while True:
            positive = (drawn & ((1 << 64) - 1)) >> 1
            rest = positive % span
            if positive + (span - 1) - rest < 1 << 63:
                return rest + origin
            drawn = self.next_long()

    def _next(self) -> int:
        self._state = (self._state * _MULTIPLIER + 0xB) & _MASK
        return _signed(self._state >> 16, 32)


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number
