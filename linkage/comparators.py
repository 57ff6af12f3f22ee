"""Comparators: two records in clear become one small level per field.

Missing is a level of its own.

Levels are discrete so that Fellegi-Sunter can weigh each one; which field can reach which level is
in `LEVELS`. Normalization is done once per record (`prepare`), comparison per pair is symmetric.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity

from linkage.normalize import Parts, Unreadable, normalize
from linkage.phonetics import cologne
from linkage.schema import Kind


class Level(IntEnum):
    """How well two values agree, weakest first; the same number means the same in every field.

    MISSING: absent on one side or both. DIFFERENT: nothing in common. WEAK: names Jaro-Winkler ≥
    .80; dates equal in two of year, month and day; postcodes equal in the first two digits. CLOSE:
    names Jaro-Winkler ≥ .92 or alike in Cologne phonetics; dates and insurance numbers one typing
    error apart; postcodes equal in the first three digits or one error apart. PARTIAL: all parts of
    the shorter name occur in the longer (Anna, Anna-Maria). SWAPPED: given name and surname
    exchanged; day and month exchanged. EQUAL: equal once normalized.
    """

    MISSING = 0
    DIFFERENT = 1
    WEAK = 2
    CLOSE = 3
    PARTIAL = 4
    SWAPPED = 5
    EQUAL = 6


_NAME_LEVELS = tuple(Level)
LEVELS: Mapping[str, tuple[Level, ...]] = {
    "given_name": _NAME_LEVELS,
    "surname": _NAME_LEVELS,
    "birth_date": (
        Level.MISSING,
        Level.DIFFERENT,
        Level.WEAK,
        Level.CLOSE,
        Level.SWAPPED,
        Level.EQUAL,
    ),
    "sex": (Level.MISSING, Level.DIFFERENT, Level.EQUAL),
    "postcode": (Level.MISSING, Level.DIFFERENT, Level.WEAK, Level.CLOSE, Level.EQUAL),
    "city": (Level.MISSING, Level.DIFFERENT, Level.CLOSE, Level.PARTIAL, Level.EQUAL),
    "kvnr": (Level.MISSING, Level.DIFFERENT, Level.CLOSE, Level.EQUAL),
}
"""Fields compared, each with the levels it can reach."""

_KINDS = {
    "given_name": Kind.GIVEN_NAME,
    "surname": Kind.SURNAME,
    "birth_date": Kind.DATE,
    "sex": Kind.SEX,
    "postcode": Kind.POSTCODE,
    "city": Kind.TEXT,
    "kvnr": Kind.KVNR,
}


@dataclass(frozen=True, slots=True)
class Name:
    """A normalized name: parts in order, as a set, joined in order, and the sound of each part."""

    parts: Parts
    known: frozenset[str]
    joined: str
    sounds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record normalized for comparison; empty strings and None are missing."""

    given_name: Name | None
    surname: Name | None
    birth_date: str
    sex: str
    postcode: str
    city: str
    kvnr: str


def prepare(record: Mapping[str, str | None]) -> Prepared:
    """Normalize a record once (profile `german-1`); unreadable values count as missing."""
    parts = {field: _parts(record.get(field), kind) for field, kind in _KINDS.items()}
    return Prepared(
        given_name=name_of(parts["given_name"]),
        surname=name_of(parts["surname"]),
        birth_date="".join(parts["birth_date"]),
        sex="".join(parts["sex"]),
        postcode="".join(parts["postcode"]),
        city="".join(parts["city"]),
        kvnr="".join(parts["kvnr"]),
    )


def compare_fields(
    first: Mapping[str, str | None], second: Mapping[str, str | None]
) -> dict[str, Level]:
    """Levels of two raw records, by field; see `compare` for many pairs."""
    return compare(prepare(first), prepare(second))


def compare(first: Prepared, second: Prepared) -> dict[str, Level]:
    """Levels of two prepared records, by field; the order of the two does not matter."""
    given, sur = _names(first, second)
    return {
        "given_name": given,
        "surname": sur,
        "birth_date": date_level(first.birth_date, second.birth_date),
        "sex": _with_missing(first.sex, second.sex, _never),
        "postcode": _with_missing(first.postcode, second.postcode, _postcode_level),
        "city": _with_missing(first.city, second.city, _city_level),
        "kvnr": _with_missing(first.kvnr, second.kvnr, _kvnr_level),
    }


def name_level(first: Name | None, second: Name | None) -> Level:
    """Level of two names of one kind."""
    if first is None or second is None:
        return Level.MISSING
    if first.known == second.known:
        return Level.EQUAL
    if first.known <= second.known or second.known <= first.known:
        return Level.PARTIAL
    similarity = _similarity(first, second)
    if similarity >= 0.92 or (similarity >= 0.7 and first.sounds == second.sounds):
        return Level.CLOSE
    return Level.WEAK if similarity >= 0.8 else Level.DIFFERENT


def date_level(first: str, second: str) -> Level:
    """Level of two dates written YYYYMMDD."""
    if not first or not second:
        return Level.MISSING
    if first == second:
        return Level.EQUAL
    if first[:4] == second[:4] and first[4:6] == second[6:] and first[6:] == second[4:6]:
        return Level.SWAPPED
    if damerau_levenshtein_distance(first, second) <= 1:
        return Level.CLOSE
    same = (first[:4] == second[:4]) + (first[4:6] == second[4:6]) + (first[6:] == second[6:])
    return Level.WEAK if same == 2 else Level.DIFFERENT


def _names(first: Prepared, second: Prepared) -> tuple[Level, Level]:
    """Levels of given name and surname.

    Both are SWAPPED when only the exchange makes them agree.
    """
    given = name_level(first.given_name, second.given_name)
    sur = name_level(first.surname, second.surname)
    if given > Level.WEAK or sur > Level.WEAK or Level.MISSING in (given, sur):
        return given, sur
    crossed = (
        name_level(first.given_name, second.surname),
        name_level(first.surname, second.given_name),
    )
    return (Level.SWAPPED, Level.SWAPPED) if min(crossed) >= Level.CLOSE else (given, sur)


def _similarity(first: Name, second: Name) -> float:
    """Jaro-Winkler of the whole names.

    Of the best pair of parts, slightly less, when there are many.
    """
    whole = jaro_winkler_similarity(first.joined, second.joined)
    if len(first.parts) == 1 and len(second.parts) == 1:
        return float(whole)
    best = max(jaro_winkler_similarity(a, b) for a in first.parts for b in second.parts)
    return float(max(whole, best - 0.05))


def _postcode_level(first: str, second: str) -> Level:
    if first[:3] == second[:3] or damerau_levenshtein_distance(first, second) <= 1:
        return Level.CLOSE
    return Level.WEAK if first[:2] == second[:2] else Level.DIFFERENT


def _city_level(first: str, second: str) -> Level:
    if first.split(maxsplit=1)[0] == second.split(maxsplit=1)[0]:
        return Level.PARTIAL
    return Level.CLOSE if jaro_winkler_similarity(first, second) >= 0.92 else Level.DIFFERENT


def _kvnr_level(first: str, second: str) -> Level:
    near = damerau_levenshtein_distance(first, second) <= 1
    return Level.CLOSE if near else Level.DIFFERENT


def _never(_first: str, _second: str) -> Level:
    return Level.DIFFERENT


def _with_missing(first: str, second: str, otherwise: Callable[[str, str], Level]) -> Level:
    if not first or not second:
        return Level.MISSING
    return Level.EQUAL if first == second else otherwise(first, second)


def _parts(value: str | None, kind: Kind) -> Parts:
    try:
        return normalize(value, kind=kind)
    except Unreadable:
        return ()


@lru_cache(1 << 16)
def name_of(parts: Parts) -> Name | None:
    """The name of normalized parts; None without any. Frequent ones are remembered in memory."""
    if not parts:
        return None
    return Name(
        parts=parts,
        known=frozenset(parts),
        joined=" ".join(parts),
        sounds=frozenset(map(cologne, parts)),
    )
