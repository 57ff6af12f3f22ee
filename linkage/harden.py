"""Harden: the steps of a schema as functions, each with a key of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linkage import digests
from linkage.hardening import (
    Hardener,
    balance,
    diffusion,
    diffusion_indices,
    fold,
    java_balance,
    permutation,
    permuted_places,
    randomized_response,
    rule_90,
)
from linkage.imported_secret import number_in
from linkage.schema import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    JavaBalance,
    LinkageSchema,
    Permutation,
    RandomizedResponse,
    Rule90,
)

__all__ = ["Hardener", "diffusion", "diffusion_indices", "false_comforts", "hardeners"]


def hardeners(
    steps: Sequence[Hardening], *, bits: int, key: bytes, secret: bytes = b""
) -> list[Hardener]:
    """The steps of a schema for filters of one length, in order, each with a key of its own.

    `secret` is asked by imported steps alone, which take their seeds from it.

    Raises:
        SecretUnreadable: an imported step finds no seed.
    """
    made: list[Hardener] = []
    for place, step in enumerate(steps):
        own = digests.hkdf(secret=key, info=digests.joined(step.name, str(place)), length=32)
        if isinstance(step, JavaBalance):
            seed = number_in(secret, "balance")
            made.append(java_balance(length=step.length, seed=seed))
        else:
            made.append(_MADE[type(step)](step, bits, own))
        bits = step.output_bits(bits)
    return made


def false_comforts(schema: LinkageSchema) -> list[str]:
    """What the hardening of a schema does not protect against, a line per kind; for people to read.

    Randomized response is told with the ε of a whole filter of this schema.
    """
    found: set[str] = set()
    for name, bits in schema.hashed.items():
        for step in schema.hardening_of(name):
            if step.false_comfort:
                found.add(f"{step.name}: {step.false_comfort}{_epsilon(step, bits)}")
            bits = step.output_bits(bits)  # noqa: PLW2901  # what the next step works on
    return sorted(found)


def _epsilon(step: Hardening, bits: int) -> str:
    if not isinstance(step, RandomizedResponse):
        return ""
    return f" (up to {step.epsilon(bits):,.0f} for a filter of {bits:,} bits)"


def _diffusion(step: Diffusion, bits: int, key: bytes) -> Hardener:
    return diffusion(diffusion_indices(bits=bits, t=step.t, key=key))


def _permutation(_step: Permutation, bits: int, key: bytes) -> Hardener:
    return permutation(permuted_places(bits=bits, key=key))


def _balance(_step: Balance, bits: int, key: bytes) -> Hardener:
    return balance(permuted_places(bits=2 * bits, key=key))


def _fold(step: Fold, bits: int, _key: bytes) -> Hardener:
    return fold(parts=step.parts, length=step.length or bits)


def _rule_90(_step: Rule90, _bits: int, _key: bytes) -> Hardener:
    return rule_90()


def _randomized(step: RandomizedResponse, _bits: int, key: bytes) -> Hardener:
    return randomized_response(threshold=step.threshold, key=key)


_MADE: Mapping[type, Callable[[Any, int, bytes], Hardener]] = {
    Balance: _balance,
    Diffusion: _diffusion,
    Fold: _fold,
    Permutation: _permutation,
    RandomizedResponse: _randomized,
    Rule90: _rule_90,
}
