"""Linkage schema, hardening: the secret transformations finished filters go through, in order.

Each kind says how long its result is and, where that is known, what it does not protect against
(`false_comfort`). What they do, bit by bit, is in `linkage.hardening`.
"""

from dataclasses import dataclass
from math import log


def stored(bits: int) -> int:
    """Bits rounded up to whole 64-bit words, in which filters are kept."""
    return -(-bits // 64) * 64


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Every output bit is the XOR of `t` secret input bits (linear diffusion)."""

    t: int
    name: str = "diffusion"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return bits

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against; None where no attack is known to succeed."""
        if self.t >= 8:
            return None
        return "with fewer than 8 bits per output, similar records stay visible in large sets"


@dataclass(frozen=True, slots=True)
class Permutation:
    """Positions exchanged by a secret permutation, the same in every filter."""

    name: str = "permutation"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return bits

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return "every similarity between two records stays exactly what it was"


@dataclass(frozen=True, slots=True)
class Balance:
    """The filter and its complement, then a secret permutation: half of all bits are set."""

    name: str = "balance"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return 2 * bits

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return "it hides how many bits are set, while two records differ as before"


@dataclass(frozen=True, slots=True)
class Fold:
    """Equal parts of the filter XORed upon each other; of its first `length` bits where given."""

    parts: int = 2
    length: int | None = None
    name: str = "fold"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return stored((self.length or bits) // self.parts)

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return "records alike stay alike, and graph matching needs nothing else"


@dataclass(frozen=True, slots=True)
class Rule90:
    """Every bit becomes the XOR of its two neighbors, the ends joined (cellular automaton)."""

    name: str = "rule-90"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return bits

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return "it has no key, and records alike stay alike"


@dataclass(frozen=True, slots=True)
class RandomizedResponse:
    """Every bit is turned over with probability `flip`, drawn from a key and the filter (BLIP).

    Equal filters get equal noise, at every site. `flip` is rounded to 1/65536.
    """

    flip: float
    name: str = "randomized-response"

    def output_bits(self, bits: int) -> int:
        """Length of the result of a filter of `bits`."""
        return bits

    @property
    def threshold(self) -> int:
        """The probability in 65,536ths, which is what is drawn."""
        return round(self.flip * 65_536)

    @property
    def epsilon_per_bit(self) -> float:
        """ln((1 - p) / p) for the probability p that is drawn (randomized response, Warner 1965)."""
        return log((65_536 - self.threshold) / self.threshold)

    def epsilon(self, bits_changed: int) -> float:
        """ε for two values whose filters differ in at most `bits_changed` bits: that many times ε per bit.

        For a token, the bits it sets; for a record, the bits of two whole records, at most the
        length of the filter.
        """
        return self.epsilon_per_bit * bits_changed

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return (
            f"epsilon is {self.epsilon_per_bit:.2f} for one bit and that times the bits in which two "
            "records differ for a record; noise this weak is averaged out by graph matching"
        )


@dataclass(frozen=True, slots=True)
class JavaBalance:
    """Balancing as E-PIX and the federated client do it: complement appended, then swaps.

    The swaps come from `java.util.Random` under the secret's number `balance`. Of the first
    `length` bits.
    """

    length: int
    name: str = "java-balance"

    def output_bits(self, bits: int) -> int:  # noqa: ARG002  # its own length decides
        """Length of the result."""
        return stored(2 * self.length)

    @property
    def false_comfort(self) -> str | None:
        """What this does not protect against."""
        return Balance().false_comfort


Hardening = Diffusion | Permutation | Balance | Fold | Rule90 | RandomizedResponse | JavaBalance


def released_bits(steps: tuple[Hardening, ...], bits: int) -> int:
    """Length of what leaves the last step, of filters of `bits`."""
    for step in steps:
        bits = step.output_bits(bits)
    return bits
