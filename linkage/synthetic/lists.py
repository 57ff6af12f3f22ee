"""Lists: names and places to draw from, each with its weight.

Compiled for this project, not from a register.

Frequent surnames come from a list in order of frequency with Zipf-like weights; the long tail
(about half of all persons) is composed of typical parts, so that ten thousand persons bear
thousands of surnames.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")

_LISTED_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Place:
    """A town and the postcodes of its districts."""

    city: str
    postcodes: tuple[str, ...]


class Weighted(Generic[Item]):
    """Items with weights to draw from."""

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self._items = list(items)
        self._cumulated = list(accumulate(weights))

    def draw(self, rng: Random) -> Item:
        """One item, as often as its weight says."""
        return rng.choices(self._items, cum_weights=self._cumulated)[0]


def surname(rng: Random) -> str:
    """A surname: a listed one in 45 % of the draws, else one composed of two parts."""
    if rng.random() < _LISTED_SHARE:
        return _listed_surnames().draw(rng)
    first, second = _surname_parts()
    return first.draw(rng) + second.draw(rng)


def given_name(rng: Random, *, sex: str, year: int) -> str:
    """A given name in fashion in a year of birth; `sex` is `m` or `f`."""
    return _given_names()[max(band for band in _bands() if band <= max(year, 1920)), sex].draw(rng)


def place(rng: Random) -> Place:
    """A town, by its number of inhabitants."""
    return _places().draw(rng)


def neighbor_place(rng: Random, postcode: str) -> Place:
    """A town whose postcodes begin with the same digit: most moves are short."""
    return _regions()[postcode[0]].draw(rng)


def town(city: str) -> Place:
    """The town of a name."""
    return _towns()[city]


def _text(name: str) -> str:
    return resources.files("linkage").joinpath("data", name).read_text("utf-8")


def _zipf(count: int, *, offset: int = 5, exponent: float = 0.8) -> list[float]:
    return [(rank + offset) ** -exponent for rank in range(count)]


@cache
def _listed_surnames() -> Weighted[str]:
    names = _text("surnames.txt").split()
    return Weighted(names, _zipf(len(names)))


@cache
def _surname_parts() -> tuple[Weighted[str], Weighted[str]]:
    first, second = (part.split() for part in _text("surname_parts.txt").split("\n-\n"))
    return (
        Weighted(first, _zipf(len(first), offset=20)),
        Weighted(second, _zipf(len(second), offset=4)),
    )


@cache
def _given_names() -> dict[tuple[int, str], Weighted[str]]:
    bands: dict[str, dict[str, str]] = json.loads(_text("given_names.json"))
    return {
        (int(band), sex): Weighted(names.split(), _zipf(len(names.split()), exponent=0.7))
        for band, sexes in bands.items()
        for sex, names in sexes.items()
    }


@cache
def _bands() -> list[int]:
    return sorted({band for band, _ in _given_names()})


@cache
def _weighted_places() -> list[tuple[Place, float]]:
    found = []
    for line in _text("places.txt").splitlines():
        words = line.split()
        name = [word for word in words[1:] if not word.isdigit()]
        codes = tuple(word for word in words[1:] if word.isdigit())
        found.append((Place(" ".join(name), codes), float(words[0])))
    return found


@cache
def _towns() -> dict[str, Place]:
    return {item.city: item for item, _ in _weighted_places()}


@cache
def _places() -> Weighted[Place]:
    places, weights = zip(*_weighted_places(), strict=True)
    return Weighted(places, [weight**0.8 for weight in weights])


@cache
def _regions() -> dict[str, Weighted[Place]]:
    regions = {}
    for digit in "0123456789":
        inside = [entry for entry in _weighted_places() if entry[0].postcodes[0][0] == digit]
        regions[digit] = Weighted([item for item, _ in inside], [weight for _, weight in inside])
    return regions
