"""Frequencies: how often values occur in a register; a rare value in common says more than a frequent one.

Small registers know little: shares are drawn towards those of shipped German lists, which weigh as much as
`PRIOR_RECORDS` records.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import log2
from typing import Final, Protocol

from linkage.comparators import Name, Prepared
from linkage.normalize import fold

PRIOR_RECORDS: Final = 2000
ADULT: Final = 18
COUNTED: Final = ("given_name", "surname", "birth_date", "postcode", "city")

_UNLISTED: Final[Mapping[str, float]] = {
    "given_name": 1 / 10_000,
    "surname": 1 / 30_000,
    "birth_date": 1 / 27_000,
    "postcode": 1 / 6_000,
    "city": 1 / 1_500,
}
"""Share of a value that no list holds: of days in 75 years, of 8,200 postcodes of unequal size."""
_LISTED_GIVEN, _LISTED_SURNAMES = 0.8, 0.3
_FLATTENED = 5


class Counts(Protocol):
    """How many records bear a value."""

    def get(self, value: str, default: int, /) -> int:
        """The count, or the default where there is none."""
        ...


class Frequencies:
    """Values of a register, counted by field as records are added; outdated versions of records stay counted."""

    def __init__(self) -> None:
        self.records = 0
        self.newest = ""
        self.counts: dict[str, Counter[str]] = {field: Counter() for field in COUNTED}
        self._known: dict[str, dict[str, float]] = {field: {} for field in COUNTED}

    def note(self, record: Prepared) -> None:
        """Count the values of one record."""
        self.records += 1
        self.newest = max(self.newest, record.birth_date)
        for known in self._known.values():
            known.clear()
        for field, counted in self.counts.items():
            if value := getattr(record, field):
                counted[value.joined if isinstance(value, Name) else value] += 1

    @property
    def given_names(self) -> Counts:
        """How many bear each given name, as `Prepared` joins it."""
        return self.counts["given_name"]

    def is_child(self, *birth_dates: str) -> bool:
        """Whether somebody born on the latest of these days (YYYYMMDD) is a child beside the youngest of the register.

        Who was born on no known day may be one.
        """
        born = max(birth_dates)
        return not born or int(max(born, self.newest)[:4]) - int(born[:4]) < ADULT

    def bits(self, field: str, value: str) -> float:
        """How much a value in common says at most: -log2 of its share."""
        known = self._known[field]
        found = known.get(value)
        if found is None:
            count = self.counts[field].get(value, 0) + _prior(field, value) * PRIOR_RECORDS
            found = known[value] = -log2(count / (self.records + PRIOR_RECORDS))
        return found


def _prior(field: str, value: str) -> float:
    listed = _listed(field).get(value)
    if listed is not None:
        return listed
    return _UNLISTED[field] / 2 if " " in value else _UNLISTED[field]


@cache
def _listed(field: str) -> dict[str, float]:
    """Shares of the shipped lists, which stand in order of frequency (Zipf)."""
    if field == "surname":
        return _shares([_text("surnames.txt").split()], _LISTED_SURNAMES)
    if field == "given_name":
        bands = json.loads(_text("given_names.json"))
        lists = [names.split() for sexes in bands.values() for names in sexes.values()]
        return _shares(lists, _LISTED_GIVEN)
    return {}


def _shares(lists: list[list[str]], together: float) -> dict[str, float]:
    shares: dict[str, float] = {}
    for names in lists:
        weights = [(rank + _FLATTENED) ** -0.8 for rank in range(len(names))]
        for name, weight in zip(names, weights, strict=True):
            part = together * weight / sum(weights) / len(lists)
            shares[fold(name)] = shares.get(fold(name), 0.0) + part
    return shares


def _text(name: str) -> str:
    return resources.files("linkage").joinpath("data", name).read_text("utf-8")
