"""Java's pseudorandom numbers, as far as filters made by Java programs depend on them.

The generator of `java.util.Random` is a 48-bit linear congruential one, specified step by step in
the Java SE API documentation; it is no cipher, and is here to read what others made, never to keep
anything secret.
"""

_MULTIPLIER = 0x5DEECE66D
_MASK = (1 << 48) - 1


class JavaRandom:
    """`java.util.Random` of a seed: the same numbers in the same order."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def _next31(self) -> int:
        self._state = (self._state * _MULTIPLIER + 0xB) & _MASK
        return self._state >> 17

    def below(self, bound: int) -> int:
        """`nextInt(bound)`: a number from 0 to bound - 1; 0 < bound < 2³¹."""
        if not bound & (bound - 1):
            return (bound * self._next31()) >> 31
        while True:
            bits = self._next31()
            value = bits % bound
            if bits - value + bound - 1 < 1 << 31:
                return value


def shuffled(count: int, *, seed: int) -> list[int]:
    """What `Collections.shuffle(list, new Random(seed))` makes of the list 0, 1, …, count - 1."""
    order, random = list(range(count)), JavaRandom(seed)
    for last in range(count - 1, 0, -1):
        other = random.below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def swapped(count: int, *, seed: int) -> list[int]:
    """0, 1, …, count - 1 after exchanging every place in turn with a random one.

    As E-PIX and the federated client permute balanced filters; not every permutation is as likely.
    """
    order, random = list(range(count)), JavaRandom(seed)
    for place in range(count):
        other = random.below(count)
        order[place], order[other] = order[other], order[place]
    return order
