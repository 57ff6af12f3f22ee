"""Evidence scoring: encodings field by field become levels of agreement, weighed by the table for records in clear.

Dice bounds were read off the encodings of this schema: padded bigrams of names one typing error apart share
about two thirds of their bits, unrelated ones a fifth to a third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from linkage import schema as linkage_schema
from linkage.classify import Outcome
from linkage.comparators import Level
from linkage.schema import LinkageSchema
from linkage.score import load_parameters, outcome, score
from ttp.core.evidence import EvidenceOutcome
from ttp.core.persons import Contribution
from ttp.core.submissions import EncodedRecord

SCHEMA_DOCUMENT: Final[dict[str, object]] = {
    "schema": 1,
    "name": "evidence-2026-11",
    "normalization": "german-1",
    "layout": "field",
    "bits": 512,
    "filter_bits": {
        "birth_year": 64,
        "birth_month": 64,
        "birth_day": 64,
        "birth_numbers": 64,
        "birth_digits": 128,
        "sex": 64,
        "postcode": 128,
    },
    "hash": {"family": "keyed-random"},
    "fields": [
        {"name": "given_name", "kind": "given-name", "tokens": {"type": "ngrams", "q": 2}, "bits_per_token": 8},
        {"name": "surname", "kind": "surname", "tokens": {"type": "ngrams", "q": 2}, "bits_per_token": 8},
        *(
            {
                "name": f"birth_{name}",
                "column": "birth_date",
                "kind": "date",
                "tokens": {"type": "date-parts", "components": [part]},
                "bits_per_token": 10,
            }
            for name, part in (
                ("year", "year"),
                ("month", "month"),
                ("day", "day"),
                ("numbers", "day-month-set"),
            )
        ),
        {
            "name": "birth_digits",
            "column": "birth_date",
            "kind": "date",
            "tokens": {"type": "ngrams", "q": 1, "positional": True},
            "bits_per_token": 6,
        },
        {"name": "sex", "kind": "sex", "tokens": {"type": "whole"}, "bits_per_token": 10},
        {
            "name": "postcode",
            "kind": "postcode",
            "tokens": {"type": "ngrams", "q": 1, "positional": True, "padded": False},
            "bits_per_token": 8,
        },
        {"name": "city", "kind": "text", "tokens": {"type": "ngrams", "q": 2}, "bits_per_token": 8},
    ],
    "exact": [{"name": "kvnr", "parts": [{"column": "kvnr", "kind": "kvnr"}]}],
}  # fmt: skip
"""The schema in which sites encode evidence; its name changes with every change of it."""

_CLOSE_NAME, _WEAK_NAME = 0.60, 0.45
_CLOSE_DATE, _CLOSE_POSTCODE, _WEAK_POSTCODE = 0.85, 0.70, 0.50
_CONTAINED = 0.97


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """What a site says of one record: codes, its encoding, and two more where they say more.

    born: encoded with the birth name as surname. turned: with given name and surname exchanged.
    """

    encoding: EncodedRecord
    born: EncodedRecord | None
    turned: EncodedRecord | None
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well one field agrees, and the Dice coefficient behind it."""

    level: Level
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the evidence of two records says together; ``weight`` in bits."""

    outcome: EvidenceOutcome
    weight: float
    contributions: tuple[Contribution, ...]


def evidence_schema() -> LinkageSchema:
    """The linkage schema of evidence."""
    return linkage_schema.load(dict(SCHEMA_DOCUMENT))


def weigh(first: EvidenceRecord, second: EvidenceRecord) -> Weighed:
    """Weigh the evidence; a pair that may be relatives is never a match by itself."""
    found = agreements(first, second)
    parameters = load_parameters()
    total = score({field: one.level for field, one in found.items()}, parameters)
    contributions = tuple(
        Contribution(
            part.field,
            "charged" if part.level is None and part.weight else _level_name(part.level),
            part.weight,
            found[part.field].similarity if part.field in found else None,
        )
        for part in total.contributions
    )
    verdict = outcome(total.total, parameters)
    if verdict is Outcome.MATCH and _looks_like_twins(first, second, found):
        verdict = Outcome.POSSIBLE
    return Weighed(EvidenceOutcome(verdict.value), total.total, contributions)


def agreements(first: EvidenceRecord, second: EvidenceRecord) -> dict[str, Agreement]:
    """The agreement of every field of the weight table, postcode and city apart."""
    a, b = first.encoding, second.encoding
    given, surname = _names(first, second)
    return {
        "given_name": given,
        "surname": surname,
        "birth_date": _date(a, b),
        "sex": _equality(a, b, "sex"),
        "postcode": _postcode(a, b),
        "city": _city(a, b),
        "kvnr": _token(a.exact["kvnr"], b.exact["kvnr"]),
    }


def dice(first: bytes, second: bytes) -> float:
    """The Dice coefficient of two filters; 0.0 where both are empty."""
    a, b = int.from_bytes(first, "little"), int.from_bytes(second, "little")
    both = a.bit_count() + b.bit_count()
    return 2 * (a & b).bit_count() / both if both else 0.0


def _names(first: EvidenceRecord, second: EvidenceRecord) -> tuple[Agreement, Agreement]:
    """Given name and surname; both are swapped when only the exchange makes them agree."""
    given = _name(first.encoding, second.encoding, "given_name")
    surname = max(_surnames(first, second), key=lambda one: one.level)
    if second.turned is None or max(given.level, surname.level) > Level.WEAK:
        return given, surname
    turned = [_name(first.encoding, second.turned, field) for field in ("given_name", "surname")]
    if min(one.level for one in turned) < Level.CLOSE:
        return given, surname
    similarity = min(one.similarity or 0.0 for one in turned)
    return Agreement(Level.SWAPPED, similarity), Agreement(Level.SWAPPED, similarity)


def _surnames(first: EvidenceRecord, second: EvidenceRecord) -> list[Agreement]:
    """Every surname of one side, the birth name included, with every one of the other."""
    mine = [one for one in (first.encoding, first.born) if one]
    theirs = [one for one in (second.encoding, second.born) if one]
    return [_name(a, b, "surname") for a in mine for b in theirs]


def _name(a: EncodedRecord, b: EncodedRecord, field: str) -> Agreement:
    if _missing(a, b, field):
        return Agreement(Level.MISSING, None)
    same = dice(a.filters[field], b.filters[field])
    if a.filters[field] == b.filters[field]:
        return Agreement(Level.EQUAL, 1.0)
    if _contained(a.filters[field], b.filters[field]):
        return Agreement(Level.PARTIAL, same)
    if same >= _CLOSE_NAME:
        return Agreement(Level.CLOSE, same)
    return Agreement(Level.WEAK if same >= _WEAK_NAME else Level.DIFFERENT, same)


def _date(a: EncodedRecord, b: EncodedRecord) -> Agreement:
    if _missing(a, b, "birth_digits"):
        return Agreement(Level.MISSING, None)
    same = dice(a.filters["birth_digits"], b.filters["birth_digits"])
    parts = [_same(a, b, f"birth_{part}") for part in ("year", "month", "day")]
    if all(parts):
        return Agreement(Level.EQUAL, 1.0)
    if parts[0] and _same(a, b, "birth_numbers"):
        return Agreement(Level.SWAPPED, same)
    if same >= _CLOSE_DATE:
        return Agreement(Level.CLOSE, same)
    return Agreement(Level.WEAK if sum(parts) == 2 else Level.DIFFERENT, same)


def _postcode(a: EncodedRecord, b: EncodedRecord) -> Agreement:
    if _missing(a, b, "postcode"):
        return Agreement(Level.MISSING, None)
    same = dice(a.filters["postcode"], b.filters["postcode"])
    if _same(a, b, "postcode"):
        return Agreement(Level.EQUAL, 1.0)
    if same >= _CLOSE_POSTCODE:
        return Agreement(Level.CLOSE, same)
    return Agreement(Level.WEAK if same >= _WEAK_POSTCODE else Level.DIFFERENT, same)


def _city(a: EncodedRecord, b: EncodedRecord) -> Agreement:
    found = _name(a, b, "city")
    reachable = {Level.MISSING, Level.EQUAL, Level.PARTIAL, Level.CLOSE}
    return found if found.level in reachable else Agreement(Level.DIFFERENT, found.similarity)


def _equality(a: EncodedRecord, b: EncodedRecord, field: str) -> Agreement:
    if _missing(a, b, field):
        return Agreement(Level.MISSING, None)
    return Agreement(Level.EQUAL, 1.0) if _same(a, b, field) else Agreement(Level.DIFFERENT, 0.0)


def _token(first: int, second: int) -> Agreement:
    if not first or not second:
        return Agreement(Level.MISSING, None)
    return Agreement(Level.EQUAL, 1.0) if first == second else Agreement(Level.DIFFERENT, 0.0)


def _looks_like_twins(
    first: EvidenceRecord, second: EvidenceRecord, found: Mapping[str, Agreement]
) -> bool:
    known = "twin-known" in first.codes | second.codes
    return known and found["given_name"].level is not Level.EQUAL


def _missing(a: EncodedRecord, b: EncodedRecord, field: str) -> bool:
    return not any(a.filters[field]) or not any(b.filters[field])


def _same(a: EncodedRecord, b: EncodedRecord, field: str) -> bool:
    return a.filters[field] == b.filters[field] and any(a.filters[field])


def _contained(first: bytes, second: bytes) -> bool:
    a, b = int.from_bytes(first, "little"), int.from_bytes(second, "little")
    smaller = min(a.bit_count(), b.bit_count())
    return (a & b).bit_count() >= _CONTAINED * smaller


def _level_name(level: int | None) -> str:
    return "missing" if level is None else Level(level).name.lower()
