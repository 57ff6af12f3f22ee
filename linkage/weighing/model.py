"""Model: what is probable of one person recorded twice, of strangers, of relatives and of twins; data, not code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from math import isfinite, log2
from typing import Final

from linkage.refusals import ParametersInvalid
from linkage.weighing.agreement import FIELDS, NUMBER, NUMBER_LEVELS, Agreement

Distribution = Mapping[Agreement, float]
"""Probability of each agreement of one field, given that it is not missing."""
Distributions = Mapping[str, Distribution]

CLASSES: Final = ("same", "strangers", "relatives", "twins")
KIN: Final = ("relatives", "twins")
DEFAULT_MODEL: Final = "register-2026-11-2"
REFERENCE: Final = 10_000
"""Records of a register at which thresholds are as they stand; in larger ones chance matches more often."""
BY_VALUE: Final[Mapping[str, frozenset[Agreement]]] = {
    **dict.fromkeys(("given_name", "surname", "birth_date"), frozenset({Agreement.EQUAL})),
    "place": frozenset({Agreement.EQUAL, Agreement.PARTIAL, Agreement.CLOSE}),
}
"""Agreements that are as probable among strangers as the value in common is frequent."""
_VERSION: Final = 2
_NUMBERS: Final = ("identifier", "unnamed", "match_at", "possible_at")


@dataclass(frozen=True, slots=True)
class WeighingModel:
    """The parameters of a register's matching.

    ``classes``: distributions by class and field; ``kin``: relatives and twins per record, on average; ``number``:
    bits for insurance numbers, ``identifier`` for a shared external one, ``unnamed`` for twins where a child's
    given name is missing (as of newborns), set and not estimated; ``match_at``, ``possible_at``: totals in bits.
    """

    name: str
    classes: Mapping[str, Distributions]
    kin: Mapping[str, float]
    number: Mapping[Agreement, float]
    identifier: float
    unnamed: float
    match_at: float
    possible_at: float
    tables: Mapping[str, Mapping[str, tuple[float, ...]]] = field(init=False, compare=False)
    """Bits by class, field and agreement: ``tables["same"]["surname"][Agreement.CLOSE]``.

    Over strangers; for agreements `BY_VALUE` the bits of the value are still to be added.
    """
    most: Mapping[str, float] = field(init=False, compare=False)
    """The greatest of a field's bits for one person, but for those of values."""

    def __post_init__(self) -> None:
        _check(self)
        tables = {
            name: {of: _bits(of, self.classes[name], self.classes["strangers"]) for of in FIELDS}
            for name in ("same", *KIN)
        }
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "most", {of: max(bits) for of, bits in tables["same"].items()})

    def renamed(self, name: str) -> WeighingModel:
        """The same parameters under another name."""
        return replace(self, name=name)

    def document(self) -> dict[str, object]:
        """The model as JSON; `model_from` reads it back."""
        return {
            "version": _VERSION,
            "name": self.name,
            "unit": "bits",
            "classes": {
                name: {of: _named(levels) for of, levels in fields.items()}
                for name, fields in self.classes.items()
            },
            "kin": dict(self.kin),
            "number": _named(self.number),
            "identifier": self.identifier,
            "unnamed": self.unnamed,
            "match_at": self.match_at,
            "possible_at": self.possible_at,
        }


def model_from(document: object) -> WeighingModel:
    """Read a model.

    Raises:
        ParametersInvalid: another version, or not a model.
    """
    if not isinstance(document, dict) or document.get("version") not in {1, _VERSION}:
        raise ParametersInvalid(f"version {_VERSION} or 1 is needed")
    try:
        classes: dict[str, Distributions] = {
            name: {of: _levels(levels) for of, levels in fields.items()}
            for name, fields in document["classes"].items()
        }
        if document["version"] == 1:
            classes = {name: _with_faint_dates(name, fields) for name, fields in classes.items()}
        kin = {name: float(share) for name, share in document["kin"].items()}
        numbers = [float(document[key]) for key in _NUMBERS]
        name = str(document["name"])
        return WeighingModel(name, classes, kin, _levels(document["number"]), *numbers)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ParametersInvalid("a part of the model is missing or no number") from None


@cache
def load_model(name: str = DEFAULT_MODEL) -> WeighingModel:
    """A shipped model by name.

    Raises:
        ParametersInvalid: none is shipped under this name.
    """
    file = resources.files("linkage").joinpath("data", f"weighing-{name}.json")
    if not file.is_file():
        raise ParametersInvalid(f"none is named {name!r}")
    return model_from(json.loads(file.read_text("utf-8")))


def _with_faint_dates(name: str, fields: Distributions) -> Distributions:
    """Version 1 knew faint dates as different ones: their share of these is that of the shipped model."""
    shipped = load_model().classes[name]["birth_date"]
    dates = dict(fields["birth_date"])
    both = shipped[Agreement.FAINT] + shipped[Agreement.DIFFERENT]
    dates[Agreement.FAINT] = dates[Agreement.DIFFERENT] * shipped[Agreement.FAINT] / both
    dates[Agreement.DIFFERENT] -= dates[Agreement.FAINT]
    return {**fields, "birth_date": dates}


def _check(model: WeighingModel) -> None:
    for name in CLASSES:
        for of, levels in FIELDS.items():
            found = model.classes.get(name, {}).get(of, {})
            if set(found) != set(levels):
                raise ParametersInvalid(f"the agreements of {of} are not those of this version")
            if not all(0 < share < 1 for share in found.values()):
                raise ParametersInvalid(f"{of} has a probability that is none")
    if set(model.number) != set(NUMBER_LEVELS) or set(model.kin) != set(KIN):
        raise ParametersInvalid(f"{NUMBER} or the share of kin is not that of this version")
    if not all(0 < share < 100 for share in model.kin.values()):
        raise ParametersInvalid("there is no such number of kin")
    bits = [
        *model.number.values(),
        model.identifier,
        model.unnamed,
        model.match_at,
        model.possible_at,
    ]
    if not all(map(isfinite, bits)) or model.possible_at > model.match_at:
        raise ParametersInvalid("possible matches must not start above matches")


def _bits(of: str, among: Distributions, strangers: Distributions) -> tuple[float, ...]:
    """By agreement: log2 of the ratio; for what cannot be, and for missing, 0."""
    by_value = BY_VALUE.get(of, ())
    return tuple(
        log2(among[of][one] / (1.0 if one in by_value else strangers[of][one]))
        if one in among[of]
        else 0.0
        for one in Agreement
    )


def _named(levels: Mapping[Agreement, float]) -> dict[str, float]:
    return {one.name.lower(): value for one, value in levels.items()}


def _levels(document: Mapping[str, float]) -> dict[Agreement, float]:
    return {Agreement[name.upper()]: float(value) for name, value in document.items()}
