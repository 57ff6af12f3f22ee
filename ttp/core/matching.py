"""Matching: two records in clear are weighed field by field; the model's version is part of every link it makes.

Relatives agree in much: father and son in names and address, twins in everything but the given name. What
could be relatives is left to a person whatever it scores: birth dates that differ, given names that are merely
alike though people bear both, and two different valid insurance numbers, which are for life.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product

from jellyfish import damerau_levenshtein_distance

from linkage.classify import Outcome
from linkage.comparators import Level, Prepared, compare, prepare
from linkage.normalize import fold
from linkage.score import Parameters, Score, load_parameters, outcome, place_level, score
from ttp.core.identifying_data import IdentifyingData, readable
from ttp.core.persons import Contribution

RETRIEVE_AT = 0.65
"""t_r: records whose internal encodings reach this Dice are candidates, exactly."""
MOST_CANDIDATES = 200
SHARED_IDENTIFIER_BITS = 18.0
ESTABLISHED = 5
"""Bearers in a population that make a spelling a name of its own rather than a typing error."""

_ESSENTIAL = ("given_name", "surname", "birth_date")
_AGREES = {Level.EQUAL: 1.0, Level.SWAPPED: 1.0, Level.PARTIAL: 1.0, Level.CLOSE: 0.5}
_LIKE = str.maketrans("cy", "ki")
_CONTRADICTED = frozenset({*_ESSENTIAL, "kvnr"})


@dataclass(frozen=True, slots=True)
class Comparable:
    """A record prepared for comparison: under its surname, and under its birth name if that differs."""

    variants: tuple[Prepared, ...]
    identifiers: frozenset[bytes]

    @property
    def given_name(self) -> str:
        """The normalized given name, "" if missing."""
        name = self.variants[0].given_name
        return name.joined if name else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of a pair: the outcome, the total in bits and why."""

    outcome: Outcome
    total: float
    contributions: tuple[Contribution, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """The weights in use. ``version`` names them in edges."""

    parameters: Parameters

    @property
    def version(self) -> str:
        """How edges name this model."""
        return f"model:{self.parameters.name}"

    def judge(self, first: Comparable, second: Comparable, bearers: Mapping[str, int]) -> Verdict:
        """Weigh a pair; ``bearers`` counts the given names of the population."""
        levels, found = max(self._scored(first, second), key=lambda one: one[1].total)
        shared = bool(first.identifiers & second.identifiers)
        total = found.total + (SHARED_IDENTIFIER_BITS if shared else 0.0)
        verdict = outcome(total, self.parameters)
        facts: dict[str, str] = {}
        if shared:
            verdict, facts = _with_shared_identifier(verdict, levels)
        elif verdict is Outcome.MATCH and (doubt := _doubt(levels, first, second, bearers)):
            verdict, facts = Outcome.POSSIBLE, {"doubt": doubt}
        return Verdict(verdict, round(total, 2), _explained(levels, found, shared=shared), facts)

    def _scored(
        self, first: Comparable, second: Comparable
    ) -> Iterator[tuple[dict[str, Level], Score]]:
        for left, right in product(first.variants, second.variants):
            levels = compare(left, right)
            yield levels, score(levels, self.parameters)


@cache
def present_model() -> Model:
    """The model that registration uses now."""
    return Model(load_parameters())


def comparable(data: IdentifyingData) -> Comparable:
    """Prepare a record once for many comparisons."""
    values = readable(data)
    variants = [prepare(values)]
    if values["birth_name"]:
        variants.append(prepare(values | {"surname": values["birth_name"]}))
    identifiers = frozenset(one.key() for one in data.identifiers)
    return Comparable(tuple(dict.fromkeys(variants)), identifiers)


def _with_shared_identifier(
    verdict: Outcome, levels: Mapping[str, Level]
) -> tuple[Outcome, dict[str, str]]:
    """A shared identifier joins unless something essential contradicts it; then a person looks."""
    if any(levels[field] is Level.DIFFERENT for field in _CONTRADICTED):
        return Outcome.POSSIBLE, {"identifier": "shared", "doubt": "contradiction"}
    agreed = Level.MISSING in {levels["surname"], levels["birth_date"]}
    joined = verdict is Outcome.MATCH or agreed
    return Outcome.MATCH if joined else Outcome.POSSIBLE, {"identifier": "shared"}


def _doubt(
    levels: Mapping[str, Level],
    first: Comparable,
    second: Comparable,
    bearers: Mapping[str, int],
) -> str:
    """Why a strong pair is left to a person; "" if nothing speaks against it."""
    if levels["kvnr"] is Level.EQUAL:
        return ""
    names = first.given_name, second.given_name
    doubts = {
        "insurance-numbers-differ": levels["kvnr"] in {Level.DIFFERENT, Level.CLOSE},
        "birth-dates-differ": levels["birth_date"] is Level.DIFFERENT,
        "given-names-differ": levels["given_name"] < Level.CLOSE and not _one_error(*names),
        "first-given-names-differ": levels["given_name"] is Level.PARTIAL
        and first.given_name.split()[0] != second.given_name.split()[0],
        "little-agrees": _agreement(levels) < _enough(levels),
        "two-given-names": levels["given_name"] in {Level.CLOSE, Level.WEAK}
        and _both_borne(*names, bearers),
    }
    return next((doubt for doubt, holds in doubts.items() if holds), "")


def _agreement(levels: Mapping[str, Level]) -> float:
    """How many of given name, surname and birth date agree; what is close, and the postcode, count half."""
    found = sum(_AGREES.get(levels[field], 0.0) for field in _ESSENTIAL)
    if levels["birth_date"] is Level.WEAK:
        found += 0.25
    return found + _AGREES.get(levels["postcode"], 0.0) / 2


def _enough(levels: Mapping[str, Level]) -> float:
    """What `_agreement` must reach: more where the name or the place is quite another."""
    if levels["postcode"] in {Level.DIFFERENT, Level.WEAK} and levels["city"] is not Level.EQUAL:
        return 2.75
    return 2.5 if levels["surname"] is Level.DIFFERENT else 2.25


def _one_error(first: str, second: str) -> bool:
    """Whether a single typing error makes one name of the other."""
    return bool(first and second) and damerau_levenshtein_distance(first, second) <= 1


def _both_borne(first: str, second: str, bearers: Mapping[str, int]) -> bool:
    """Whether both are names, not one another spelling of the other: known, or borne about as often."""
    if _spelling(first) == _spelling(second):
        return False
    if {_spelling(first), _spelling(second)} <= _known_given_names():
        return True
    rarer, commoner = sorted((bearers.get(first, 0), bearers.get(second, 0)))
    return rarer >= ESTABLISHED and rarer * 10 >= commoner


@cache
def _known_given_names() -> frozenset[str]:
    """Common German given names of all ages, in the form of ``_spelling``."""
    file = resources.files("linkage").joinpath("data", "given_names.json")
    bands: dict[str, dict[str, str]] = json.loads(file.read_text("utf-8"))
    return frozenset(
        _spelling(fold(name))
        for sexes in bands.values()
        for names in sexes.values()
        for name in names.split()
    )


def _spelling(name: str) -> str:
    """A normalized name without what is often spelled otherwise: Günther, Günter; Stefan, Stephan; Hanna, Hannah."""
    text = re.sub(r"(?<=\w)h", "", name.replace("ph", "f"))
    return re.sub(r"(\w)\1", r"\1", text.translate(_LIKE))


def _explained(
    levels: Mapping[str, Level], found: Score, *, shared: bool
) -> tuple[Contribution, ...]:
    place = place_level(levels["postcode"], levels["city"])
    named = {**levels, "place": place}
    parts = [
        Contribution(part.field, _level_name(named.get(part.field)), part.weight)
        for part in found.contributions
    ]
    if shared:
        parts.append(Contribution("identifier", "equal", SHARED_IDENTIFIER_BITS))
    return tuple(parts)


def _level_name(level: Level | None) -> str:
    return "charged" if level is None else level.name.lower()
