"""Grams of many values at once: numbers instead of strings, for short values in ASCII."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.normalize import Parts
from linkage.schema import Ngrams

LONGEST = 62
"""Characters of a value; a longer one is cut into grams one by one."""
_LETTERS = 128
_PLACES = 64


def numbered(spec: Ngrams) -> int:
    """How many different numbers the grams of a specification have; 0: they are not numbered."""
    longest = 2
    if spec.q > longest:
        return 0
    return int(_LETTERS**spec.q) * (_PLACES if spec.positional else 1)


def is_short(parts: Parts) -> bool:
    """Whether the grams of a value can be numbered."""
    text = "".join(parts)
    return len(text) <= LONGEST and text.isascii() and "" not in parts


def gram_numbers(
    values: Sequence[Parts], spec: Ngrams
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the grams of all values, one after another, and where each value's start.

    The second array has one entry more than there are values.
    """
    parts = [part for value in values for part in value]
    pad = " " * (spec.q - 1) if spec.padded else ""
    text = np.frombuffer("".join(f"{pad}{part}{pad}" for part in parts).encode("ascii"), np.uint8)
    lengths = np.fromiter(map(len, parts), np.int64, len(parts)) + 2 * len(pad)
    grams = np.maximum(lengths - spec.q + 1, 0)
    ends = np.cumsum(grams)
    places = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - grams, grams)
    at = np.repeat(np.cumsum(lengths) - lengths, grams) + places
    numbers = np.zeros(len(at), dtype=np.int64)
    for offset in range(spec.q):
        numbers = numbers * _LETTERS + text[at + offset]
    if spec.positional:
        numbers += (places + 1) * _LETTERS**spec.q
    per_value = np.fromiter(map(len, values), np.int64, len(values))
    bounds = np.concatenate([[0], ends])[np.concatenate([[0], np.cumsum(per_value)])]
    return numbers, bounds


def gram_of(number: int, spec: Ngrams) -> str:
    """The gram with a number, as `linkage.encode.tokens.ngrams` writes it."""
    place, rest = divmod(number, _LETTERS**spec.q)
    letters = [chr(rest // _LETTERS**power % _LETTERS) for power in reversed(range(spec.q))]
    return f"{place} {''.join(letters)}" if spec.positional else "".join(letters)
