"""Matching: two records in clear are weighed field by field; the model's version is part of every link it makes.

Relatives agree in much: father and son in names and address, twins in everything but the given name. The model knows
them as classes of their own and charges a pair by how likely they are: by weight, not by rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import product

from linkage.classify import Outcome
from linkage.comparators import Prepared, prepare
from linkage.weighing import Agreement, Frequencies, Weighed, WeighingModel, load_model, weigh
from ttp.core.identifying_data import IdentifyingData
from ttp.core.persons import Contribution

RETRIEVE_AT = 0.65
"""t_r: records whose internal encodings reach this Dice are candidates, exactly."""
MOST_CANDIDATES = 200
IDENTIFIER = "identifier"
_ESSENTIAL = ("given_name", "surname", "birth_date")
_CONTRADICTING = frozenset({Agreement.DIFFERENT, Agreement.OTHER})
_NOTHING = -1e9


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
    facts: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    """The version of the model that says so."""


class Bearers(Frequencies):
    """How often the values of a population's records occur."""

    def count(self, record: Comparable) -> None:
        """Count one record, under its present surname."""
        self.note(record.variants[0])


@dataclass(frozen=True, slots=True)
class Model:
    """The weights in use. ``version`` names them in edges."""

    parameters: WeighingModel

    @property
    def version(self) -> str:
        """How edges name this model."""
        return f"model:{self.parameters.name}"

    def judge(self, first: Comparable, second: Comparable, bearers: Frequencies) -> Verdict:
        """Weigh a pair; ``bearers`` knows how frequent values are.

        Of what is no match nor possible match only the outcome is told, so that it is found out soon.
        """
        return self._judged(first, second, bearers, at_least=self.parameters.possible_at)

    def explain(self, first: Comparable, second: Comparable, bearers: Frequencies) -> Verdict:
        """As `judge`, with the total and the contributions whatever the outcome is."""
        return self._judged(first, second, bearers, at_least=_NOTHING)

    def _judged(
        self, first: Comparable, second: Comparable, bearers: Frequencies, *, at_least: float
    ) -> Verdict:
        shared = bool(first.identifiers & second.identifiers)
        found: Weighed | None = None
        for left, right in product(first.variants, second.variants):
            floor = max(_NOTHING if shared else at_least, found.total if found else _NOTHING)
            found = weigh(left, right, bearers, self.parameters, at_least=floor) or found
        if found is None:
            return _UNLIKE
        parts = _explained(found, self.parameters.identifier if shared else 0.0)
        total = round(sum([part.weight for part in parts]), 2)
        outcome, facts = self.outcome(total), dict[str, str]()
        if shared:
            outcome, facts = _with_shared_identifier(outcome, found)
        return Verdict(outcome, total, parts, facts, self.version)

    def outcome(self, total: float) -> Outcome:
        """What a total means."""
        if total >= self.parameters.match_at:
            return Outcome.MATCH
        possible = total >= self.parameters.possible_at
        return Outcome.POSSIBLE if possible else Outcome.NON_MATCH


_UNLIKE = Verdict(Outcome.NON_MATCH, _NOTHING, ())


@cache
def shipped_model() -> Model:
    """The model that a center uses until it has activated one of its own."""
    return Model(load_model())


present_model = shipped_model


def comparable(data: IdentifyingData) -> Comparable:
    """Prepare a record once for many comparisons."""
    variants = [prepare(data.fields)]
    if birth_name := data.fields.get("birth_name"):
        other = prepare({"surname": birth_name}).surname
        variants += [replace(variants[0], surname=other)] if other else []
    identifiers = frozenset(one.key() for one in data.identifiers)
    return Comparable(tuple(dict.fromkeys(variants)), identifiers)


def _with_shared_identifier(outcome: Outcome, found: Weighed) -> tuple[Outcome, dict[str, str]]:
    """A shared identifier joins unless something essential contradicts it; then a person looks."""
    agreements = {part.field: part.agreement for part in found.parts}
    if any(agreements.get(name) in _CONTRADICTING for name in (*_ESSENTIAL, "kvnr")):
        return Outcome.POSSIBLE, {"identifier": "shared", "doubt": "contradiction"}
    unknown = Agreement.MISSING in {agreements["surname"], agreements["birth_date"]}
    joined = outcome is Outcome.MATCH or unknown
    return Outcome.MATCH if joined else Outcome.POSSIBLE, {"identifier": "shared"}


def _explained(found: Weighed, bonus: float) -> tuple[Contribution, ...]:
    parts = [_contribution(*part) for part in found.parts]
    if bonus:
        parts.append(Contribution(IDENTIFIER, "equal", bonus))
    return tuple(parts)


@lru_cache(100_000)
def _contribution(field: str, agreement: Agreement | None, weight: float) -> Contribution:
    """Many pairs share parts: what is missing, different, or equal in a value that is frequent."""
    level = "charged" if agreement is None else agreement.name.lower()
    return Contribution(field, level, round(weight, 2))
