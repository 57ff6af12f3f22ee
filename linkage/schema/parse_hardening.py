"""Linkage schema, reading of hardening steps: name and parameters, nothing else."""

from collections.abc import Callable

from linkage.errors import SchemaInvalid
from linkage.schema.hardening import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    JavaBalance,
    Permutation,
    RandomizedResponse,
    Rule90,
)
from linkage.schema.reader import MOST_BITS, Reader


def hardening(reader: Reader, key: str = "hardening") -> tuple[Hardening, ...]:
    """The steps of a list, in order; absent is none."""
    return tuple(_hardening(Reader(item, at)) for item, at in reader.items(key, required=False))


def check_lengths(steps: tuple[Hardening, ...], bits: int, path: str) -> None:
    """Refuse steps that cannot work on what the step before them leaves of filters of `bits`."""
    for place, step in enumerate(steps):
        if isinstance(step, Fold | JavaBalance) and (step.length or 0) > bits:
            raise SchemaInvalid(f"{path}[{place}].length", "is longer than the filter")
        if isinstance(step, Fold) and (step.length or bits) % step.parts:
            raise SchemaInvalid(f"{path}[{place}].parts", "do not divide the filter")
        bits = step.output_bits(bits)
        if bits > MOST_BITS:
            raise SchemaInvalid(f"{path}[{place}]", f"makes filters above {MOST_BITS} bits")


def _hardening(reader: Reader) -> Hardening:
    name = reader.text("name")
    if name not in _STEPS:
        raise SchemaInvalid(reader.at("name"), f"must be one of {', '.join(_STEPS)}")
    step = _STEPS[name](reader)
    reader.done()
    return step


def _fold(reader: Reader) -> Fold:
    return Fold(parts=reader.number("parts", 2, 64, 2), length=reader.optional("length", MOST_BITS))


def _randomized(reader: Reader) -> RandomizedResponse:
    flip = reader.take("flip")
    if isinstance(flip, bool) or not isinstance(flip, int | float) or not 0 < flip < 0.5:
        raise SchemaInvalid(reader.at("flip"), "must be a probability above 0, below 0.5")
    step = RandomizedResponse(float(flip))
    if not 0 < step.threshold < 32_768:
        raise SchemaInvalid(reader.at("flip"), "must be a probability above 0, below 0.5")
    return step


_STEPS: dict[str, Callable[[Reader], Hardening]] = {
    "diffusion": lambda reader: Diffusion(t=reader.number("t", 2, 64)),
    "permutation": lambda _: Permutation(),
    "balance": lambda _: Balance(),
    "fold": _fold,
    "rule-90": lambda _: Rule90(),
    "randomized-response": _randomized,
    "java-balance": lambda reader: JavaBalance(reader.number("length", 1, MOST_BITS)),
}
