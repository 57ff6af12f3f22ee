"""Score: two records in clear become bits of evidence, every one of them accounted for.

Weights are data: a versioned table, estimated without truth and shipped frozen. Postcode and city
say nearly the same and are one group, *place*. Members of a household share surname, place and, if
twins, the birth date; only the given name and the sex tell them apart, so a pair whose given names
do not agree or are missing, or whose sexes differ while the names are merely close, is charged as
*household* and left to a person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from math import isfinite
from typing import Final

from linkage.classify import Outcome
from linkage.comparators import Level
from linkage.explain import Contribution
from linkage.refusals import ParametersInvalid

FIELDS: Final[Mapping[str, tuple[Level, ...]]] = {
    "given_name": tuple(Level)[1:],
    "surname": tuple(Level)[1:],
    "birth_date": (Level.DIFFERENT, Level.WEAK, Level.CLOSE, Level.SWAPPED, Level.EQUAL),
    "sex": (Level.DIFFERENT, Level.EQUAL),
    "place": (Level.DIFFERENT, Level.WEAK, Level.CLOSE, Level.PARTIAL, Level.EQUAL),
    "kvnr": (Level.DIFFERENT, Level.CLOSE, Level.EQUAL),
}
"""Fields of a weight table and the levels each can reach when it is not missing."""

HOUSEHOLD: Final = "household"
"""Name of what is charged to probable relatives."""

DEFAULT_PARAMETERS: Final = "german-2026-11"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Parameters:
    """A frozen weight table.

    ``weights``: bits by field and level; ``household``: bits charged to probable relatives;
    ``match_at`` and ``possible_at``: totals from which a pair is a match or a possible match.
    """

    name: str
    weights: Mapping[str, Mapping[int, float]]
    household: float
    match_at: float
    possible_at: float

    def __post_init__(self) -> None:
        for field, levels in FIELDS.items():
            if set(self.weights.get(field, ())) != set(map(int, levels)):
                raise ParametersInvalid(f"the levels of {field} are not those of this version")
        bits = [bits for levels in self.weights.values() for bits in levels.values()]
        if not all(map(isfinite, (*bits, self.household, self.match_at, self.possible_at))):
            raise ParametersInvalid("a weight or threshold is no finite number")
        if self.possible_at > self.match_at:
            raise ParametersInvalid("possible matches must not start above matches")

    def document(self) -> dict[str, object]:
        """The table as JSON; `parameters_from` reads it back."""
        weights = {
            field: {Level(level).name.lower(): self.weights[field][level] for level in levels}
            for field, levels in FIELDS.items()
        }
        return {
            "version": _VERSION,
            "name": self.name,
            "unit": "bits",
            "weights": weights,
            "household": self.household,
            "match_at": self.match_at,
            "possible_at": self.possible_at,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """The total in bits and the summands that make it up."""

    total: float
    contributions: tuple[Contribution, ...]


def parameters_from(document: object) -> Parameters:
    """Read a weight table.

    Raises:
        ParametersInvalid: another version, or not a weight table.
    """
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise ParametersInvalid(f"version {_VERSION} is needed")
    try:
        weights = {
            field: {int(Level[level.upper()]): float(bits) for level, bits in table.items()}
            for field, table in document["weights"].items()
        }
        numbers = [float(document[key]) for key in ("household", "match_at", "possible_at")]
        return Parameters(str(document["name"]), weights, *numbers)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ParametersInvalid("a part of the table is missing or no number") from None


def load_parameters(name: str = DEFAULT_PARAMETERS) -> Parameters:
    """A shipped weight table by name.

    Raises:
        ParametersInvalid: none is shipped under this name.
    """
    file = resources.files("linkage").joinpath("data", f"weights-{name}.json")
    if not file.is_file():
        raise ParametersInvalid(f"none is named {name!r}")
    return parameters_from(json.loads(file.read_text("utf-8")))


def grouped(levels: Mapping[str, Level]) -> dict[str, Level]:
    """Levels of the weight table's fields: postcode and city become place."""
    found = {field: levels.get(field, Level.MISSING) for field in FIELDS if field != "place"}
    postcode, city = (levels.get(field, Level.MISSING) for field in ("postcode", "city"))
    return found | {"place": place_level(postcode, city)}


def place_level(postcode: Level, city: Level) -> Level:
    """Level of the place: postcode and city agree, the postcode, the city, nearly, or not at all."""
    if postcode is Level.EQUAL:
        return Level.EQUAL if city in {Level.EQUAL, Level.PARTIAL} else Level.PARTIAL
    if city >= Level.PARTIAL:
        return Level.CLOSE
    if max(postcode, city) >= Level.WEAK:
        return Level.WEAK
    return min(Level.DIFFERENT, max(postcode, city))


def score(levels: Mapping[str, Level], parameters: Parameters) -> Score:
    """Total evidence that two records are one person, from the levels of `comparators.compare`."""
    found = grouped(levels)
    parts = [_part(field, level, parameters) for field, level in found.items()]
    if _household(found):
        parts.append(Contribution(HOUSEHOLD, None, parameters.household))
    return Score(sum(part.weight for part in parts), tuple(parts))


def outcome(total: float, parameters: Parameters) -> Outcome:
    """What a total means under a weight table's own thresholds."""
    if total >= parameters.match_at:
        return Outcome.MATCH
    return Outcome.POSSIBLE if total >= parameters.possible_at else Outcome.NON_MATCH


def _part(field: str, level: Level, parameters: Parameters) -> Contribution:
    if level is Level.MISSING:
        return Contribution(field, None, 0.0)
    return Contribution(field, int(level), parameters.weights[field][level])


def _household(levels: Mapping[str, Level]) -> bool:
    """Whether a pair may be relatives: given names do not agree, or sexes differ and names a little."""
    if levels["kvnr"] is Level.EQUAL:
        return False
    given = levels["given_name"]
    if given <= Level.WEAK:
        return True
    return given is not Level.EQUAL and levels["sex"] is Level.DIFFERENT
